//! `NAME.gbtheme/`: how the bot's page looks. Style sheets, of which the custom properties count (`--accent: #0b5d57;`), and
//! a logo. What the properties mean is the bot's matter.

use std::path::Path;

use super::{Notice, PackageError, Reader};

/// Bytes of a logo.
const MAX_LOGO_BYTES: usize = 256 << 10;
/// Bytes of a style sheet.
const MAX_SHEET_BYTES: usize = 64 << 10;
/// Custom properties of a theme.
const MAX_PROPERTIES: usize = 200;
/// What a logo's file may end in, and the type it is served with.
const LOGO_TYPES: [(&str, &str); 5] = [
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
];

/// What a theme's folder holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThemeFiles {
    /// The custom properties in order, without their dashes, each with its place.
    pub properties: Vec<Property>,
    /// `logo.svg`, `logo.png` …
    pub logo: Option<Logo>,
}

/// One custom property.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// In small letters.
    pub name: String,
    /// As it was written.
    pub value: String,
    /// Where, without what is wrong with it.
    pub place: Notice,
}

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Logo {
    /// Of HTTP.
    pub content_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Reader {
    /// The theme, if there is one.
    pub(super) fn theme(&mut self, folder: &Path) -> Result<ThemeFiles, PackageError> {
        let mut theme = ThemeFiles::default();
        if !folder.is_dir() {
            return Ok(theme);
        }
        for path in self.files.entries(folder)? {
            let part = |part: Option<&std::ffi::OsStr>| {
                part.and_then(|part| part.to_str())
                    .unwrap_or_default()
                    .to_lowercase()
            };
            let (stem, extension) = (part(path.file_stem()), part(path.extension()));
            let logo_type = LOGO_TYPES.iter().find(|(name, _)| *name == extension);
            match (stem.as_str(), extension.as_str(), logo_type) {
                (_, "css", _) if path.is_file() => {
                    let text = self.files.text(&path)?;
                    if text.len() > MAX_SHEET_BYTES {
                        self.warn(
                            &path,
                            "a style sheet has at most 64 KiB; this one is not used",
                        );
                        continue;
                    }
                    let (found, passed_over) = properties(&text, &path);
                    theme.properties.extend(found);
                    if let Some(line) = passed_over {
                        self.warnings.push(Notice {
                            path: path.clone(),
                            line,
                            message: "custom properties under a condition other than (prefers-color-scheme: dark) are not used".into(),
                        });
                    }
                    if theme.properties.len() > MAX_PROPERTIES {
                        theme.properties.truncate(MAX_PROPERTIES);
                        self.warn(
                            &path,
                            "a theme has at most 200 properties; the others are not used",
                        );
                    }
                }
                ("logo", _, Some((_, content_type))) if path.is_file() => {
                    let bytes = self.files.bytes(&path)?;
                    if bytes.len() > MAX_LOGO_BYTES {
                        self.warn(&path, "a logo has at most 256 KiB; this one is not shown");
                        continue;
                    }
                    theme.logo = Some(Logo {
                        content_type,
                        bytes,
                    });
                }
                _ => self.warn(
                    &path,
                    "a theme is style sheets and a logo.svg, .png, .webp or .jpg; this is not used",
                ),
            }
        }
        Ok(theme)
    }
}

/// What a declaration ends with, or begins behind.
const ENDS: [char; 4] = ['{', ';', '}', '\n'];

/// When what a block of a style sheet says holds.
#[derive(Clone, Copy, PartialEq)]
enum When {
    Always,
    Dark,
    /// Under a condition that a theme does not know: `@media print`.
    Sometimes,
}

impl When {
    /// Of a block that begins so inside of one that holds then.
    fn within(self, head: &str) -> When {
        let head = head.trim().to_lowercase();
        let media = head.strip_prefix("@media").map(|media| {
            let media = media.trim_end_matches('{').trim();
            media.replace(char::is_whitespace, "")
        });
        match media.as_deref() {
            Some("(prefers-color-scheme:dark)") if self == When::Always => When::Dark,
            Some("(prefers-color-scheme:light)" | "screen" | "all") => self,
            Some(_) => When::Sometimes,
            None if head.starts_with('@') && !head.starts_with("@layer") => When::Sometimes,
            None => self,
        }
    }
}

/// The custom properties of a style sheet; those for the dark are the `dark-` twins. Everything else in it is passed over;
/// where the first one is that stands under another condition, is returned.
fn properties(text: &str, path: &Path) -> (Vec<Property>, Option<u64>) {
    let text = without_comments(text);
    let (mut found, mut passed_over, mut line) = (Vec::new(), None, 1);
    let (mut blocks, mut when) = (Vec::new(), When::Always);
    let (mut head, mut end, mut in_quotes) = (0, 0, false);
    for piece in text.split_inclusive(ENDS) {
        end += piece.len();
        let declaration = piece.trim_start().strip_prefix("--");
        if let Some((name, value)) = declaration.and_then(|text| text.split_once(':')) {
            let value = value.trim_end_matches(ENDS).trim();
            let name = name.trim().to_lowercase();
            let name = match when {
                When::Dark if !name.starts_with("dark-") => format!("dark-{name}"),
                _ => name,
            };
            let property = Property {
                name,
                value: value.trim_matches(['"', '\'']).to_owned(),
                place: Notice {
                    path: path.to_owned(),
                    line,
                    message: String::new(),
                },
            };
            match when {
                When::Sometimes => passed_over = passed_over.or(Some(line)),
                When::Always | When::Dark => found.push(property),
            }
        }
        in_quotes ^= piece.matches(['"', '\'']).count() % 2 == 1;
        match piece.chars().next_back() {
            Some('\n') => {
                line += 1;
                in_quotes = false;
            }
            _ if in_quotes => {}
            Some('{') => {
                blocks.push(when);
                when = when.within(&text[head..end]);
                head = end;
            }
            Some('}') => {
                when = blocks.pop().unwrap_or(When::Always);
                head = end;
            }
            Some(';') => head = end,
            _ => {}
        }
    }
    (found, passed_over)
}

/// With blanks instead of comments, so that lines keep their numbers.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        let (comment, behind) = after.split_once("*/").unwrap_or((after, ""));
        kept.extend(comment.chars().filter(|c| *c == '\n'));
        kept.push(' ');
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_custom_properties_are_read() {
        let sheet = "/* --no: 1;\n*/ :root {\n  --Accent: #0b5d57;\n  --title: \"A shop; x\" }\n\
            body { color: var(--accent); background: url(x--y:1) }";
        let (read, passed_over) = properties(sheet, Path::new("a.css"));
        assert_eq!(passed_over, None);
        let read: Vec<(&str, &str, u64)> = read
            .iter()
            .map(|property| {
                (
                    property.name.as_str(),
                    property.value.as_str(),
                    property.place.line,
                )
            })
            .collect();
        assert_eq!(read, [("accent", "#0b5d57", 3), ("title", "A shop", 4)]);
    }

    #[test]
    fn what_is_for_the_dark_is_not_taken_for_the_day() {
        let sheet = ":root { --accent: #111111 }\n@media (prefers-color-scheme:  dark)\n{ :root { --accent: #222222; --dark-card: red } }\n\
            @media (prefers-color-scheme: light) { :root { --text: #333333 } } @layer base { :root { --card: #444444 } }\n\
            @media print { .x::after { content: \"{\" } :root { --accent: #555555 } } :root { --title: x }";
        let (read, passed_over) = properties(sheet, Path::new("a.css"));
        let read = read
            .iter()
            .map(|property| (property.name.as_str(), property.value.as_str()));
        let expected = [
            ("accent", "#111111"),
            ("dark-accent", "#222222"),
            ("dark-card", "red"),
            ("text", "#333333"),
            ("card", "#444444"),
            ("title", "x"),
        ];
        assert_eq!(read.collect::<Vec<_>>(), expected);
        assert_eq!(passed_over, Some(5));
    }

    #[test]
    fn a_hostile_sheet_is_read_in_one_go() {
        for hostile in ["-", "--", "-- ", "--a:", "/*", "/**/", "{", "@media{"] {
            let sheet = hostile.repeat((1 << 20) / hostile.len());
            let begun = std::time::Instant::now();
            properties(&sheet, Path::new("a.css"));
            // To go through the rest for every dash would take minutes.
            assert!(begun.elapsed().as_millis() < 1_000, "{hostile:?}");
        }
    }
}
