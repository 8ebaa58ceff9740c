//! Names that other languages and hosts have for what is here under another name.

/// How we write a well-known function (folded).
const OURS: &[(&str, &str)] = &[
    ("add_days", "DATEADD(date, n, \"day\")"),
    ("concat", "a & b"),
    ("date_add", "DATEADD(date, n, \"day\")"),
    ("date_diff", "DATEDIFF(start, end, \"day\")"),
    ("days_between", "DATEDIFF(start, end)"),
    ("format_currency", "FORMAT(number, \"currency\")"),
    ("format_date", "FORMAT(date, \"dd/MM/yyyy\")"),
    ("format_number", "FORMAT(number, \"#,##0.00\")"),
    ("indexof", "INSTR(text, part)"),
    ("is_array", "ISARRAY(value)"),
    ("is_empty", "ISEMPTY(value)"),
    ("is_null", "ISNULL(value)"),
    ("is_numeric", "ISNUMERIC(value)"),
    ("json_parse", "PARSEJSON(text)"),
    ("json_stringify", "JSON(value)"),
    ("length", "LEN(value)"),
    ("parsefloat", "VAL(text)"),
    ("parseint", "INT(VAL(text))"),
    ("size", "COUNT(list)"),
    ("stringify", "JSON(value)"),
    ("strlen", "LEN(text)"),
    ("substr", "MID(text, start, count)"),
    ("substring", "MID(text, start, count)"),
    ("to_json", "JSON(value)"),
    ("to_lower", "LCASE(text)"),
    ("to_number", "VAL(text)"),
    ("to_string", "STR(value)"),
    ("to_upper", "UCASE(text)"),
    ("tojson", "JSON(value)"),
    ("tolower", "LCASE(text)"),
    ("tolowercase", "LCASE(text)"),
    ("tonumber", "VAL(text)"),
    ("tostring", "STR(value)"),
    ("toupper", "UCASE(text)"),
    ("touppercase", "UCASE(text)"),
];

/// Methods that are near to a function of ours, and mean something else.
const METHODS: &[&str] = &[
    "splice", "foreach", "reduce", "find", "some", "every", "entries",
];

/// How a well-known function of others (folded) is written here.
pub fn ours(name: &str) -> Option<&'static str> {
    let found = OURS.iter().find(|(theirs, _)| *theirs == name);
    found.map(|(_, ours)| *ours)
}

/// Whether a method (folded) is one of others.
pub fn is_method(name: &str) -> bool {
    METHODS.contains(&name)
}
