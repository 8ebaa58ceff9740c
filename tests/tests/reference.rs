//! The interpreter is held to the cases too: what they say of the language must be what it does.

use hearsay_tests::reference::on_deep_stack;
use hearsay_tests::suite::check_reference;

#[test]
fn the_interpreter_holds_the_same_conversations() {
    let mut held = 0;
    for folder in ["cases/run", "cases/snippets", "keywords", "cases/bots"] {
        let (here, beyond) = on_deep_stack(|| check_reference(folder));
        held += here;
        println!("{folder}: {here} held");
        beyond
            .iter()
            .for_each(|case| println!("  not held: {case}"));
    }
    assert!(held > 100, "only {held} cases were held");
}
