//! What a bot says, as HTML for pages: CommonMark with tables, struck text and bare web addresses. HTML in it is text like any
//! other, pictures are links, and of what is left only the safe is kept.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{
    CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html,
};

/// A text of more bytes is shown as it stands: no person writes so much Markdown, and reading it takes time.
const LONGEST: usize = 64 << 10;
/// What is nested deeper stays, without its marks.
const DEEPEST: usize = 16;

/// The second guard, behind [`Shaped`]: whatever the Markdown came to, no other tag, attribute or scheme gets through.
static SAFE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from([
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank");
    builder
});

/// Safe HTML for a text. The same text always gives the same.
pub fn html(text: &str) -> String {
    if is_plain(text) {
        return format!("<p>{text}</p>");
    }
    if text.len() > LONGEST {
        return as_it_stands(text);
    }
    render(text)
}

/// Whether a text is a paragraph without any mark, so that there is nothing to do. Most of what bots say is.
fn is_plain(text: &str) -> bool {
    let harmless = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        ' ' | '.' | ',' | '?' | '!' | ';' | ':' | '\'' | '(' | ')' | '%' | '/' | '-' => true,
        other => !other.is_ascii() && !other.is_whitespace() && !other.is_control(),
    };
    // A number with a point behind it begins a list.
    let behind = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let numbers = behind.len() < text.len() && behind.starts_with(['.', ')']);
    text.starts_with(char::is_alphanumeric)
        && !numbers
        && !text.ends_with(' ')
        && text.chars().all(harmless)
        && !text.contains("://")
}

fn as_it_stands(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(ammonia::clean_text).collect();
    format!("<p>{}</p>", lines.join("<br>"))
}

fn render(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events = TextMergeStream::new(Parser::new_ext(text, options).map(without_html));
    let mut raw = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut raw, Shaped::new(events));
    let mut safe = SAFE.clean(&raw).to_string();
    safe.truncate(safe.trim_end().len());
    safe
}

/// HTML is shown, not obeyed. A line break is one.
fn without_html(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::SoftBreak => Event::HardBreak,
        other => other,
    }
}

/// The events of a text in the shape that is shown.
struct Shaped<'a, I> {
    events: I,
    /// What comes before the next one of them.
    ready: VecDeque<Event<'a>>,
    /// How many marks are open.
    depth: usize,
    /// How many of them are links.
    links: usize,
    is_code: bool,
    /// The address of a picture whose words did not come yet.
    unnamed: Option<CowStr<'a>>,
}

impl<'a, I: Iterator<Item = Event<'a>>> Shaped<'a, I> {
    fn new(events: I) -> Shaped<'a, I> {
        Shaped {
            events,
            ready: VecDeque::new(),
            depth: 0,
            links: 0,
            is_code: false,
            unnamed: None,
        }
    }

    fn open(&mut self, tag: Tag<'a>) {
        self.depth += 1;
        let tag = match tag {
            Tag::Image {
                dest_url,
                title,
                id,
                ..
            } => {
                self.unnamed = Some(dest_url.clone());
                Tag::Link {
                    link_type: LinkType::Inline,
                    dest_url,
                    title,
                    id,
                }
            }
            other => other,
        };
        match tag {
            Tag::Link { .. } => {
                self.links += 1;
                if self.links > 1 {
                    return;
                }
            }
            Tag::CodeBlock(_) => self.is_code = true,
            _ => {}
        }
        if self.depth <= DEEPEST {
            self.ready.push_back(Event::Start(tag));
        }
    }

    fn close(&mut self, tag: TagEnd) {
        if let Some(address) = self.unnamed.take() {
            self.ready.push_back(Event::Text(address));
        }
        let is_deep = self.depth > DEEPEST;
        self.depth = self.depth.saturating_sub(1);
        let tag = match tag {
            TagEnd::Link | TagEnd::Image => {
                self.links = self.links.saturating_sub(1);
                if self.links > 0 {
                    return;
                }
                TagEnd::Link
            }
            TagEnd::CodeBlock => {
                self.is_code = false;
                tag
            }
            other => other,
        };
        if !is_deep {
            self.ready.push_back(Event::End(tag));
        }
    }

    /// A text, in which bare addresses become links.
    fn text(&mut self, text: CowStr<'a>) {
        self.unnamed = None;
        if self.links > 0 || self.is_code {
            self.ready.push_back(Event::Text(text));
            return;
        }
        let mut rest: &str = &text;
        while let Some((before, address, after)) = bare_address(rest) {
            let link = Tag::Link {
                link_type: LinkType::Autolink,
                dest_url: address.to_owned().into(),
                title: "".into(),
                id: "".into(),
            };
            self.ready.extend([
                Event::Text(before.to_owned().into()),
                Event::Start(link),
                Event::Text(address.to_owned().into()),
                Event::End(TagEnd::Link),
            ]);
            rest = after;
        }
        self.ready.push_back(Event::Text(rest.to_owned().into()));
    }
}

impl<'a, I: Iterator<Item = Event<'a>>> Iterator for Shaped<'a, I> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        while self.ready.is_empty() {
            match self.events.next()? {
                Event::Start(tag) => self.open(tag),
                Event::End(tag) => self.close(tag),
                Event::Text(text) => self.text(text),
                other => {
                    self.unnamed = None;
                    self.ready.push_back(other);
                }
            }
        }
        self.ready.pop_front()
    }
}

/// The first web address of a text, with what stands before and behind it. What closes a sentence or a bracket that opens
/// before it is not a part of it.
fn bare_address(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.match_indices("://").find_map(|(at, mark)| {
        let (before, host) = (&text[..at], &text[at + mark.len()..]);
        let scheme = ["https", "http"]
            .into_iter()
            .find(|scheme| before.ends_with(scheme))?;
        host.starts_with(char::is_alphanumeric)
            .then_some(at - scheme.len())
    })?;
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`');
    let word = text[start..].split(ends).next().unwrap_or_default();
    let address = without_closers(word);
    let end = start + address.len();
    Some((&text[..start], address, &text[end..]))
}

/// An address without the marks of the sentence around it.
fn without_closers(mut address: &str) -> &str {
    let count = |bracket: char| address.matches(bracket).count();
    let mut unopened = count(')').saturating_sub(count('('));
    loop {
        let shorter =
            address.strip_suffix(['.', ',', ';', ':', '!', '?', '\'', '*', '_', ']', '}']);
        if let Some(shorter) = shorter {
            address = shorter;
        } else if unopened > 0
            && let Some(shorter) = address.strip_suffix(')')
        {
            (address, unopened) = (shorter, unopened - 1);
        } else {
            return address;
        }
    }
}

#[cfg(test)]
mod tests;
