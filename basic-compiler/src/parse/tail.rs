//! What stands behind a keyword: its arguments, and the words and commas between them.

use std::rc::Rc;

use guest_abi::{Element, Phrase};

use crate::ast::Expression;

use super::argument::CONNECTING;
use super::operator::Level;
use super::reader::{Parsed, Reader};
use super::token::TokenKind;
use super::usage::{Part, begins};

/// How far the arguments of a keyword reach.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// To the closing bracket.
    Brackets,
    /// To the end of the statement that the keyword begins.
    Line,
    /// As far as the tighter operators do.
    Value,
}

impl Reader<'_> {
    /// Reads arguments and what stands between them. Without brackets, no commas and words are taken that no usage of the
    /// phrase has at that place: they belong to what is around.
    pub(super) fn parts_of(&mut self, phrase: &Phrase, extent: Extent) -> Parsed<Vec<Part>> {
        let bare = extent != Extent::Brackets;
        let table = self.scope.table;
        let patterns: Vec<&[Element]> = phrase
            .keywords
            .iter()
            .map(|index| &*table.keyword(*index).pattern)
            .collect();
        // Among the items of `item, ...` every comma is one of theirs, without looking at all before it again.
        let mut is_among_many = false;
        let mut takes_comma = |items: &mut Vec<Part>| {
            if is_among_many && matches!(items.last(), Some(Part::Argument(_))) {
                return true;
            }
            items.push(Part::Comma);
            let mut taking = patterns.iter().filter(|pattern| begins(pattern, items));
            let takes = taking.next();
            is_among_many = takes.is_some_and(|pattern| {
                matches!(pattern.last(), Some(Element::Rest(_))) && items.len() > 2 * pattern.len()
            });
            items.pop();
            takes.is_some()
        };
        let takes_any = patterns.iter().any(|pattern| !pattern.is_empty());
        let words: Vec<&str> = patterns
            .iter()
            .flat_map(|pattern| flat(pattern))
            .filter_map(|element| match element {
                Element::Word(word) => Some(&**word),
                _ => None,
            })
            .collect();
        let mut items = Vec::new();
        let mut height = 0;
        while !self.at_end() && !self.at_close() && (!bare || takes_any) {
            let token = self.peek();
            let word = token.and_then(|token| token.word());
            let word = word.filter(|word| words.contains(word));
            if let Some(word) = word.filter(|word| takes_word(&patterns, &items, word)) {
                items.push(Part::Word(Rc::from(word)));
                self.advance();
            } else if self.at_mark(",") && (!bare || takes_comma(&mut items)) {
                items.push(Part::Comma);
                self.advance();
            } else if matches!(items.last(), Some(Part::Argument(_)))
                || self.at_mark(",")
                || self.ends_arguments(items.is_empty() && self.may_stand_alone(phrase))
            {
                break;
            } else {
                let behind_as = matches!(items.last(), Some(Part::Word(word)) if **word == *"as");
                let argument = self.nested(|reader| reader.argument(extent, behind_as))?;
                items.push(Part::Argument(argument));
                height = height.max(self.height);
            }
        }
        self.height = height;
        Ok(items)
    }

    /// One argument. Without brackets and inside of an expression it goes as far as `+` and `*` do: what compares or tests,
    /// compares what the keyword yields. A text behind AS (`FORMAT v AS "0.00"`) is all of that pattern.
    fn argument(&mut self, extent: Extent, behind_as: bool) -> Parsed<Expression> {
        let is_text = self
            .peek()
            .is_some_and(|token| matches!(token.kind, TokenKind::Text(_)));
        match extent {
            Extent::Value if behind_as && is_text => self.postfix(),
            Extent::Value => self.binary(Level::Sum),
            Extent::Line | Extent::Brackets => self.expression(),
        }
    }

    /// Whether a word stands next that can begin no argument, but can stand behind a keyword without any. TO and STEP are
    /// names where the script has variables of these names, unless the keyword is complete.
    fn ends_arguments(&self, is_complete: bool) -> bool {
        let Some(word) = self.peek().and_then(|token| token.word()) else {
            return false;
        };
        match word {
            "else" | "then" => true,
            "to" | "step" => is_complete || !self.is_name_there(word, 0),
            _ => false,
        }
    }
}

/// Whether a usage has `word` more often than it was read; one that could begin an argument, only right behind what was
/// read: JSON of `FORMAT value AS JSON` is a word behind AS, and a variable before it.
fn takes_word(patterns: &[&[Element]], items: &[Part], word: &str) -> bool {
    let is_own = |item: &&Part| matches!(item, Part::Word(own) if **own == *word);
    let taken = items.iter().filter(is_own).count();
    patterns.iter().any(|pattern| {
        let elements = flat(pattern);
        let mut places =
            (0..elements.len()).filter(|at| *elements[*at] == Element::Word(word.into()));
        let Some(at) = places.nth(taken) else {
            return false;
        };
        match (at.checked_sub(1).map(|at| elements[at]), items.last()) {
            _ if CONNECTING.contains(&word) => true,
            (None, None) => true,
            (Some(Element::Parameter(_)), Some(Part::Argument(_))) => true,
            (Some(Element::Comma), Some(Part::Comma)) => true,
            (Some(Element::Word(before)), Some(Part::Word(own))) => **before == **own,
            _ => false,
        }
    })
}

/// The elements of a pattern, those in brackets among them.
fn flat(pattern: &[Element]) -> Vec<&Element> {
    let mut elements = Vec::new();
    for element in pattern {
        match element {
            Element::Optional(inner) => elements.extend(flat(inner)),
            element => elements.push(element),
        }
    }
    elements
}
