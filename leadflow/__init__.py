"""leadflow: lead pipelines as code. The shell around it lives in `workflows`, `activities` and `commands`."""
