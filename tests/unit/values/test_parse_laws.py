"""Laws of parsing: total over any input, and idempotent."""

from hypothesis import given, strategies as st

from leadflow.engine.fields import FieldType
from leadflow.values import BadValue
from leadflow.values.parse import _PARSERS
from tests.unit.values.test_parse import CLIENT, COLOURS, parsed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["first", "number", "ext", "id", "name", "x"]), inner)
    ),
    max_leaves=6,
)
TYPED = st.one_of(
    st.from_regex(r"[+-]?[0-9]{1,3}([ .,][0-9]{3}){0,3}([.,][0-9]{1,3})?( ₽|\$)?", fullmatch=True),
    st.from_regex(
        r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}([T ][0-9]{1,2}:[0-9]{2}(Z|\+[0-9]{4})?)?"
    ),
    st.from_regex(r"(\+7|8)[ (]*9[0-9]{2}[ )-]*[0-9]{7}( (доб\.|ext) [0-9]{1,4})?", fullmatch=True),
    st.from_regex(r"(https?://)?[a-zA-Zа-я0-9-]{1,9}\.[a-zрф]{2,3}(:[0-9]{1,5})?([/?#]\S{0,9})?"),
    st.emails(),
    st.from_regex(
        r"[А-Яа-я]{1,9} [А-Яа-я]{1,9}( [А-Я][а-я]{1,5}(ович|овна|ична))?", fullmatch=True
    ),
    st.sampled_from([*CLIENT, *COLOURS, *CLIENT.values(), "да", "off"]),
)


@given(st.sampled_from(sorted(_PARSERS)), st.booleans(), JSON | TYPED)
def test_any_input_is_a_value_or_refused(kind: FieldType, many: bool, raw: object) -> None:
    """Whatever comes in is made canonical or raises BadValue; canonical values parse to themselves."""
    try:
        value = parsed(kind, raw, many=many)
    except BadValue as bad:
        assert bad.message.startswith("f: ")  # noqa: PT017 - either way is right, and both are checked
        return
    assert parsed(kind, value, many=many) == value
