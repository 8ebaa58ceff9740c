//! Small functions of the runtime's text, written into those that call them: a call costs more than they do.
//!
//! `(func $name (@inline) (param $p …) (result …) body)` may have no locals and no `return`. A parameter may stand in the
//! body more than once; where its argument is then more than a name or a constant, the call is left as it is. So it is
//! where more than one argument is: their order would not be certain.

use std::collections::HashMap;

/// A parenthesised form of WebAssembly's text, or a word of it.
#[derive(Clone)]
enum Form<'t> {
    Word(&'t str),
    List(Vec<Form<'t>>),
}

/// What is written for a call.
struct Inline<'t> {
    parameters: Vec<&'t str>,
    result: Option<Form<'t>>,
    body: Vec<Form<'t>>,
}

/// The text with such calls replaced, and without its comments. What is no such text is left to the assembler to refuse.
pub fn expand(text: &str) -> String {
    let forms = read(text);
    let inlines = forms.iter().filter_map(Inline::read).collect();
    let mut expanded = String::with_capacity(text.len());
    for form in &forms {
        write(&written_into(form, &inlines), &mut expanded);
    }
    expanded
}

impl<'t> Form<'t> {
    fn list(&self) -> Option<&[Form<'t>]> {
        match self {
            Form::List(forms) => Some(forms),
            Form::Word(_) => None,
        }
    }

    fn word(&self) -> Option<&'t str> {
        match self {
            Form::Word(word) => Some(word),
            Form::List(_) => None,
        }
    }

    /// The rest of a list that begins with this word.
    fn after(&self, word: &str) -> Option<&[Form<'t>]> {
        let (first, rest) = self.list()?.split_first()?;
        (first.word() == Some(word)).then_some(rest)
    }

    /// Whether it may be evaluated twice, or not at all.
    fn is_simple(&self) -> bool {
        ["local.get", "global.get", "i32.const", "i64.const"]
            .iter()
            .any(|word| self.after(word).is_some())
    }
}

impl<'t> Inline<'t> {
    fn read(form: &Form<'t>) -> Option<(&'t str, Inline<'t>)> {
        let (name, rest) = form.after("func")?.split_first()?;
        let (mark, rest) = rest.split_first()?;
        mark.after("@inline")?;
        let mut inline = Inline {
            parameters: Vec::new(),
            result: None,
            body: Vec::new(),
        };
        for form in rest {
            if let Some(parameter) = form.after("param") {
                inline.parameters.extend(parameter.first()?.word());
            } else if form.after("result").is_some() {
                inline.result = Some(form.clone());
            } else {
                inline.body.push(form.clone());
            }
        }
        Some((name.word()?, inline))
    }

    /// The body with `arguments` for the parameters.
    fn call(&self, arguments: &[Form<'t>]) -> Option<Form<'t>> {
        if arguments.len() != self.parameters.len() {
            return None;
        }
        let arguments: HashMap<&str, &Form<'t>> =
            self.parameters.iter().copied().zip(arguments).collect();
        let fits = arguments.iter().all(|(parameter, argument)| {
            argument.is_simple()
                || self
                    .body
                    .iter()
                    .map(|form| uses(form, parameter))
                    .sum::<usize>()
                    == 1
        });
        let evaluated = arguments.values().filter(|argument| !argument.is_simple());
        if !fits || evaluated.count() > 1 {
            return None;
        }
        let mut body: Vec<Form<'t>> = self
            .body
            .iter()
            .map(|form| substituted(form, &arguments))
            .collect();
        if body.len() == 1 {
            return body.pop();
        }
        let head = [Form::Word("block")].into_iter().chain(self.result.clone());
        Some(Form::List(head.chain(body).collect()))
    }
}

fn uses(form: &Form<'_>, parameter: &str) -> usize {
    match (form.after("local.get"), form) {
        (Some(name), _) => name
            .first()
            .and_then(Form::word)
            .map_or(0, |name| usize::from(name == parameter)),
        (None, Form::List(forms)) => forms.iter().map(|form| uses(form, parameter)).sum(),
        (None, Form::Word(_)) => 0,
    }
}

fn substituted<'t>(form: &Form<'t>, arguments: &HashMap<&str, &Form<'t>>) -> Form<'t> {
    let Form::List(forms) = form else {
        return form.clone();
    };
    let name = form
        .after("local.get")
        .and_then(|rest| rest.first()?.word());
    match name.and_then(|name| arguments.get(name)) {
        Some(argument) => (*argument).clone(),
        None => Form::List(
            forms
                .iter()
                .map(|form| substituted(form, arguments))
                .collect(),
        ),
    }
}

fn written_into<'t>(form: &Form<'t>, inlines: &HashMap<&str, Inline<'t>>) -> Form<'t> {
    let Form::List(forms) = form else {
        return form.clone();
    };
    let forms: Vec<Form<'t>> = forms
        .iter()
        .map(|form| written_into(form, inlines))
        .collect();
    if let [Form::Word("call"), Form::Word(name), arguments @ ..] = forms.as_slice()
        && let Some(body) = inlines.get(name).and_then(|inline| inline.call(arguments))
    {
        return written_into(&body, inlines);
    }
    Form::List(forms)
}

fn read(text: &str) -> Vec<Form<'_>> {
    let (mut open, mut forms) = (Vec::new(), Vec::new());
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '(' => {
                open.push(std::mem::take(&mut forms));
                1
            }
            ')' => {
                let outer = open.pop().unwrap_or_default();
                let list = Form::List(std::mem::replace(&mut forms, outer));
                forms.push(list);
                1
            }
            ';' => rest.find('\n').unwrap_or(rest.len()),
            _ => {
                let word = word(rest);
                forms.push(Form::Word(&rest[..word]));
                word
            }
        };
        rest = rest[taken..].trim_start();
    }
    forms
}

/// The length of the word or string that `text` begins with.
fn word(text: &str) -> usize {
    let end = if let Some(string) = text.strip_prefix('"') {
        string.find('"').map(|end| end + 2)
    } else {
        text.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ';'))
    };
    end.unwrap_or(text.len())
}

fn write(form: &Form<'_>, text: &mut String) {
    match form {
        Form::Word(word) => text.push_str(word),
        Form::List(forms) => {
            text.push('(');
            for form in forms {
                write(form, text);
                text.push(' ');
            }
            text.push_str(")\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> String {
        expand(text)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    const HALF: &str = "(func $half (@inline) (param $n i32) (result i32) (i32.shr_u (local.get $n) (i32.const 1)))";
    const TWICE: &str = "(func $twice (@inline) (param $n i32) (result i32) (i32.add (local.get $n) (local.get $n)))";

    #[test]
    fn a_body_stands_where_its_call_stood() {
        let text = format!("{HALF} (func $f (call $half (call $half (call $g))))");
        assert!(expanded(&text).ends_with(
            "(func $f (i32.shr_u (i32.shr_u (call $g ) (i32.const 1 ) ) (i32.const 1 ) ) )"
        ));
    }

    #[test]
    fn nothing_is_evaluated_twice() {
        let text =
            format!("{TWICE} (func $f (call $twice (local.get $x)) (call $twice (call $g)))");
        assert!(expanded(&text).ends_with(
            "(func $f (i32.add (local.get $x ) (local.get $x ) ) (call $twice (call $g ) ) )"
        ));
    }

    #[test]
    fn comments_and_strings_are_no_forms() {
        assert_eq!(expanded("(a \"(;\") ;; (b\n(c)"), "(a \"(;\" ) (c )");
    }
}
