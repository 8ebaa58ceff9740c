//! How a keyword's usage line fits what stands behind the keyword.

use std::rc::Rc;

use guest_abi::{Element, Keyword};

use crate::ast::{BinaryOperator, Expression, ExpressionKind};

/// What stands behind a keyword, before a usage line is chosen.
#[derive(Clone)]
pub(super) enum Part {
    Argument(Expression),
    Comma,
    Word(Rc<str>),
}

/// Which items a parameter is bound to.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    Nothing,
    One(usize),
    /// All arguments among these items: `item, ...`.
    Many {
        from: usize,
        behind: usize,
    },
}

/// The arguments with the last one, `a = b`, as two.
pub(super) fn split_at_equals(items: &[Part], split: &mut Vec<Part>) {
    let Some((Part::Argument(last), before)) = items.split_last() else {
        return;
    };
    let ExpressionKind::Binary {
        operator: BinaryOperator::Equal,
        left,
        right,
    } = &last.kind
    else {
        return;
    };
    split.extend(before.iter().cloned());
    split.push(Part::Argument((**left).clone()));
    split.push(Part::Comma);
    split.push(Part::Argument((**right).clone()));
}

/// How many elements of a pattern are wanted ones.
pub(super) fn count(pattern: &[Element], wanted: &dyn Fn(&Element) -> bool) -> usize {
    let inner = |element: &Element| match element {
        Element::Optional(inner) => count(inner, wanted),
        element => usize::from(wanted(element)),
    };
    pattern.iter().map(inner).sum()
}

/// Which items the keyword's parameters are bound to; none if its usage does not fit all of them.
pub(super) fn bounds(keyword: &Keyword, items: &[Part]) -> Option<Vec<Bound>> {
    let mut places = vec![Bound::Nothing; keyword.parameters.len()];
    let end = fit(&keyword.pattern, items, 0, &mut places)?;
    (end == items.len()).then_some(places)
}

/// The arguments, in the order of the parameters that they are bound to.
pub(super) fn bind(items: Vec<Part>, places: &[Bound]) -> Vec<Option<Expression>> {
    let mut items: Vec<Option<Expression>> = items
        .into_iter()
        .map(|item| match item {
            Part::Argument(argument) => Some(argument),
            Part::Comma | Part::Word(_) => None,
        })
        .collect();
    let mut take = |place: &Bound| match *place {
        Bound::Nothing => None,
        Bound::One(at) => items[at].take(),
        Bound::Many { from, behind } => {
            let many: Vec<Expression> = items[from..behind]
                .iter_mut()
                .filter_map(Option::take)
                .collect();
            let span = many.first()?.span.to(many.last()?.span);
            Some(Expression {
                kind: ExpressionKind::List(many),
                span,
            })
        }
    };
    places.iter().map(&mut take).collect()
}

/// Whether the items are those of a pattern, or the first of them.
pub(super) fn begins(pattern: &[Element], items: &[Part]) -> bool {
    let ([first, rest @ ..], [item, more @ ..]) = (pattern, items) else {
        return items.is_empty();
    };
    match (first, item) {
        (Element::Optional(inner), _) => {
            begins(&[inner.as_slice(), rest].concat(), items) || begins(rest, items)
        }
        (Element::Parameter(_), Part::Argument(_)) => begins(rest, more),
        (Element::Rest(_), Part::Argument(_)) => {
            let mut more = more;
            while let [Part::Comma, Part::Argument(_), behind @ ..] = more {
                more = behind;
            }
            match more {
                [Part::Comma] => true,
                [Part::Comma, ..] => false,
                _ => begins(rest, more),
            }
        }
        (Element::Comma, Part::Comma) => begins(rest, more),
        (Element::Word(word), Part::Word(own)) => **word == **own && begins(rest, more),
        _ => false,
    }
}

/// Fits a pattern to the items from `at` on: how far it reaches; `places` tells for each parameter which items are its.
fn fit(pattern: &[Element], items: &[Part], at: usize, places: &mut [Bound]) -> Option<usize> {
    let Some((first, rest)) = pattern.split_first() else {
        return Some(at);
    };
    match (first, items.get(at)) {
        (Element::Optional(inner), _) => {
            let before = places.to_vec();
            let with = fit(inner, items, at, places)
                .filter(|end| *end > at)
                .and_then(|end| fit(rest, items, end, places));
            with.or_else(|| {
                places.copy_from_slice(&before);
                fit(rest, items, at, places)
            })
        }
        (Element::Parameter(index), Some(Part::Argument(_))) => {
            places[*index] = Bound::One(at);
            fit(rest, items, at + 1, places)
        }
        (Element::Rest(index), Some(Part::Argument(_))) => {
            let mut behind = at + 1;
            while let [Part::Comma, Part::Argument(_), ..] = items[behind..] {
                behind += 2;
            }
            places[*index] = Bound::Many { from: at, behind };
            fit(rest, items, behind, places)
        }
        (Element::Comma, Some(Part::Comma)) => fit(rest, items, at + 1, places),
        (Element::Word(word), Some(Part::Word(own))) if **word == **own => {
            fit(rest, items, at + 1, places)
        }
        _ => None,
    }
}
