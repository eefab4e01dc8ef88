"""What tests share: real servers, and ways to ask them."""
