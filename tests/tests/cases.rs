//! Dialogs and the conversations they lead to, from Markdown files.

use hearsay_tests::suite::check;

#[test]
fn the_language() {
    check("cases/run");
}

#[test]
fn the_keywords() {
    check("keywords");
}

#[test]
fn the_first_snippets() {
    check("cases/snippets");
}

#[test]
fn the_sample_bots() {
    check("cases/bots");
}
