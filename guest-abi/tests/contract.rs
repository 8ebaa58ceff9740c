//! The keyword table as the embedded contract and small ones of its kind declare it.

use std::collections::BTreeSet;

use guest_abi::{
    Contract, Element, HearType, Keyword, KeywordTable, ParameterKind, Target, guest_keywords,
};

fn find<'a>(keywords: &'a [Keyword], usage: &str) -> &'a Keyword {
    keywords
        .iter()
        .find(|keyword| keyword.usage == usage)
        .expect(usage)
}

fn contract_of(function: &str) -> Result<Contract, guest_abi::ContractError> {
    let types = "interface types { variant node { nil, text(string) } type value = list<node>; }";
    let host = format!("interface sample {{ use types.{{value}};\n{function}\n }}");
    let text = format!("package a:b;\n{types}\n{host}\nworld bot {{ import sample; }}");
    Contract::read(&[("sample.wit", &text)])
}

#[test]
fn every_wit_file_is_embedded_and_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let declared: usize = files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .map(|text| text.matches("\ninterface ").count())
        .sum();
    assert_eq!(declared, Contract::get().resolve.interfaces.len());
}

#[test]
fn usage_lines_bind_parameters_by_name() {
    let keywords = &Contract::get().keywords;
    let suggestion = find(keywords, "ADD SUGGESTION text [AS label]");
    assert_eq!(suggestion.phrase, ["add", "suggestion"]);
    let label = Element::Optional(vec![Element::Word("as".into()), Element::Parameter(1)]);
    assert_eq!(suggestion.pattern, [Element::Parameter(0), label]);
    assert!(suggestion.parameters[1].optional);
    assert_eq!(suggestion.parameters[1].kind, ParameterKind::Text);
    assert!(!suggestion.has_result);
    let target = Target::Host {
        interface: "chat".into(),
        function: "add-suggestion".into(),
    };
    assert_eq!(suggestion.target, target);
}

#[test]
fn parentheses_around_the_arguments_are_no_other_usage() {
    let keywords = &Contract::get().keywords;
    let ways = |phrase: &[&str]| {
        keywords
            .iter()
            .filter(|keyword| keyword.phrase == phrase)
            .count()
    };
    assert_eq!(ways(&["get", "bot", "memory"]), 1);
    assert_eq!(ways(&["now"]), 1);
    assert_eq!(ways(&["format"]), 4);
}

#[test]
fn a_function_without_usage_lines_is_no_keyword() {
    let target = Target::Host {
        interface: "number".into(),
        function: "parse".into(),
    };
    assert!(
        Contract::get()
            .keywords
            .iter()
            .all(|keyword| keyword.target != target)
    );
}

#[test]
fn results_tell_whether_a_keyword_yields_a_value() {
    let keywords = &Contract::get().keywords;
    assert!(!find(keywords, "TALK text").has_result);
    assert!(find(keywords, "REPEAT(text, times)").has_result);
    assert!(find(keywords, "GET BOT MEMORY (key)").has_result);
}

#[test]
fn a_usage_that_does_not_fit_its_function_is_an_error() {
    let cases = [
        (
            "/// `SAY words`\nsay: func(text: string);",
            "has no parameter `words`",
        ),
        ("/// `SAY`\nsay: func(text: string);", "leaves out `text`"),
        ("/// `SAY [text]`\nsay: func(text: string);", "is no option"),
        ("/// `SAY text, text`\nsay: func(text: string);", "twice"),
        (
            "/// `SAY [text`\nsay: func(text: option<string>);",
            "never closed",
        ),
        ("/// `say text`\nsay: func(text: string);", "in capitals"),
        (
            "/// `SAY ...`\nsay: func(text: string);",
            "goes on with a parameter",
        ),
        (
            "/// `SAY text, ..., AS text`\nsay: func(text: string);",
            "nothing can follow",
        ),
        ("/// `SAY text!`\nsay: func(text: string);", "no meaning"),
        (
            "/// `SAY text`\nsay: func(text: u8);",
            "is not one that BASIC has",
        ),
    ];
    for (function, expected) in cases {
        let error = contract_of(function).expect_err(function).to_string();
        assert!(error.contains(expected), "{function}: {error}");
    }
    assert!(contract_of("/// `SAY text`\n/// `SAY`\nsay: func(text: option<string>);").is_ok());
}

#[test]
fn three_dots_are_any_number_of_arguments() {
    let contract = contract_of("/// `SAY(to, text, ...)`\nsay: func(to: string, text: value);");
    let keywords = contract.unwrap().keywords;
    let pattern = [Element::Parameter(0), Element::Comma, Element::Rest(1)];
    assert_eq!(keywords[0].pattern, pattern);
}

#[test]
fn a_parameter_named_place_is_changed() {
    let wat = "
        ;; `SORT(place [, field])`
        (func $keyword.sort (param $place i64) (param $field i64) (result i64)
        ;; `POP(place)`
        (func $keyword.pop (param $place i32) (result i64)
        ;; `LEN(value)`
        (func $keyword.len (param $value i64) (result i64)";
    let keywords = guest_keywords(wat).unwrap();
    let changes = keywords.iter().map(Keyword::changes_place);
    assert_eq!(changes.collect::<Vec<_>>(), [true, false, false]);
    let takes = keywords.iter().map(Keyword::takes_from_place);
    assert_eq!(takes.collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn guest_functions_declare_keywords_in_their_comments() {
    let wat = "
        ;;; text

        ;; `MID(text, start [, length])`
        ;; `MID text FROM start`
        ;; A part of a text.
        ;;
        ;; Example: `TALK MID(1234567, 5, 3)` → `567`
        ;; Example: `TALK 1 : TALK 2` → `1`, `2`
        (func $keyword.mid (param i32) unreachable)

        ;; `NOT A KEYWORD`

        (func $helper)
        (func $keyword.bare)";
    let keywords = guest_keywords(wat).unwrap();
    assert_eq!(keywords.len(), 2);
    assert_eq!(
        keywords[0].target,
        Target::Guest {
            function: "keyword.mid".into()
        }
    );
    let optional: Vec<bool> = keywords[0]
        .parameters
        .iter()
        .map(|parameter| parameter.optional)
        .collect();
    assert_eq!(optional, [false, false, true]);
    assert_eq!(keywords[1].pattern[1], Element::Word("from".into()));
    assert_eq!(keywords[0].meaning, "A part of a text.");
    assert_eq!(keywords[0].topic, "text");
    let messages: Vec<_> = keywords[0].examples.iter().map(|e| &e.messages).collect();
    assert_eq!(messages, [&["567"][..], &["1", "2"]]);
    assert_eq!(keywords[0].examples[1].statements, "TALK 1 : TALK 2");
    assert!(guest_keywords(";; `MID(text)`\n;; Example: TALK 1\n(func $keyword.mid)").is_err());
    assert!(guest_keywords(";; `MID(text)`\n;; `MID(word)`\n(func $keyword.mid)").is_err());
}

#[test]
fn the_longest_phrase_wins_and_has_an_underscore_twin() {
    let table = KeywordTable::new(Contract::get().keywords.clone());
    let longest = |text: &str| {
        let words: Vec<&str> = text.split(' ').collect();
        table
            .longest(|distance| words.get(distance).copied())
            .map(|phrase| phrase.words.len())
    };
    assert_eq!(longest("get bot memory x"), Some(3));
    assert_eq!(longest("get bot x"), Some(1));
    assert_eq!(longest("get_bot_memory"), Some(1));
    assert_eq!(longest("bot memory"), None);
    let twin = table.exact(&["get_bot_memory"]).unwrap();
    assert_eq!(
        twin.keywords,
        table.exact(&["get", "bot", "memory"]).unwrap().keywords
    );
}

#[test]
fn the_nearest_name_is_within_two_letters() {
    let table = KeywordTable::new(Contract::get().keywords.clone());
    assert_eq!(table.nearest("tlak", None, &[]).as_deref(), Some("TALK"));
    assert_eq!(
        table.nearest("add sugestion", None, &[]).as_deref(),
        Some("ADD SUGGESTION")
    );
    assert_eq!(table.nearest("us kb", None, &[]).as_deref(), Some("USE KB"));
    assert_eq!(table.nearest("send mail", None, &[]), None);
    assert_eq!(table.nearest("no", None, &[]), None);
    assert_eq!(
        table.nearest("retrun", None, &["return"]).as_deref(),
        Some("RETURN")
    );
}

#[test]
fn phrases_and_usages_are_distinct() {
    let mut seen = BTreeSet::new();
    for keyword in &Contract::get().keywords {
        assert!(
            seen.insert(&keyword.usage),
            "{} is declared twice",
            keyword.usage
        );
    }
}

#[test]
fn every_type_of_a_hear_is_named_and_described() {
    let contract = Contract::get();
    let mut words = BTreeSet::new();
    for kind in &contract.hear_types {
        assert!(!kind.doc.is_empty(), "{} has no manual page", kind.name);
        assert_eq!(kind.words.is_empty(), kind.name == "menu", "{}", kind.name);
        for word in &kind.words {
            assert!(words.insert(word), "{word} names two types");
        }
    }
    let named = |word| contract.hear_type(word).map(|kind| kind.name.as_str());
    assert_eq!(
        (named("mobile"), named("string")),
        (Some("phone"), Some("text"))
    );
    assert_eq!(named("menu"), None);
    assert_eq!(HearType::text().name, "text");
    let menu = &contract.hear_types[usize::from(HearType::MENU)];
    assert_eq!((menu.name.as_str(), menu.number), ("menu", HearType::MENU));
}
