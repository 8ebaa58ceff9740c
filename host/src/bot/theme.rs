//! How a bot's page looks: the colours and words of its `.gbtheme` and of the rows `theme-NAME`, each checked. A row wins.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::answer;
use crate::package::{Bundle, Logo, Notice};
use crate::value::shortened;

/// What has a colour, under the names that people give it.
const COLORS: [(&str, &[&str]); 8] = [
    ("accent", &["color", "color1", "primary", "primary-color"]),
    ("background", &["color2", "bg", "background-color"]),
    ("card", &["surface"]),
    ("text", &["foreground", "text-color"]),
    ("dark-accent", &["dark-primary"]),
    ("dark-background", &["dark-bg"]),
    ("dark-card", &["dark-surface"]),
    ("dark-text", &["dark-foreground"]),
];
/// The page's own colours by day and by night, as its style sheet has them.
const OWN: [(&str, [&str; 2]); 4] = [
    ("accent", ["#0b5d57", "#5fd0c5"]),
    ("background", ["#f6f5f2", "#17181b"]),
    ("card", ["#ffffff", "#24262b"]),
    ("text", ["#1d1e21", "#ececee"]),
];
/// Characters of a wrong name or value that are shown.
const SHOWN: usize = 60;
/// What text on a colour must come to (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;

/// A theme, of which every value was checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Theme {
    /// `#rrggbb` by name.
    colors: BTreeMap<&'static str, String>,
    /// The page's title, instead of the bot's name.
    pub title: Option<String>,
    /// What stands above the conversation, instead of the row `welcome-message`.
    pub welcome: Option<String>,
    /// A picture beside the title.
    pub logo: Option<Logo>,
}

impl Theme {
    /// The theme of a package, and what its author should know of it.
    pub fn of(bundle: &Bundle) -> (Theme, Vec<Notice>) {
        let (mut theme, mut notices) = (Theme::default(), Vec::new());
        theme.logo = bundle.theme.logo.clone();
        for property in &bundle.theme.properties {
            if let Err(message) = theme.set(&property.name, &property.value) {
                notices.push(Notice {
                    message,
                    ..property.place.clone()
                });
            }
        }
        for (name, value) in &bundle.rows.theme {
            if let Err(message) = theme.set(name, value) {
                let name = &bundle.package.name;
                notices.push(Notice {
                    path: format!("{name}.gbot/config.csv").into(),
                    line: 0,
                    message,
                });
            }
        }
        notices.extend(theme.drop_unreadable().map(|message| Notice {
            path: format!("{}.gbtheme", bundle.package.name).into(),
            line: 0,
            message,
        }));
        (theme, notices)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let text = Some(value.trim().to_owned()).filter(|text| !text.is_empty());
        match name {
            "title" | "logo-text" => self.title = text,
            "welcome" | "welcome-message" => self.welcome = text,
            _ => {
                let known = COLORS
                    .iter()
                    .find(|(own, other)| *own == name || other.contains(&name));
                let (own, _) = known.ok_or_else(|| {
                    let names: Vec<&str> = COLORS.iter().map(|(own, _)| *own).collect();
                    format!(
                        "a theme has no {}; it has title, welcome, {}",
                        shortened(name, SHOWN),
                        names.join(", ")
                    )
                })?;
                let color = answer::color(value).ok_or_else(|| {
                    let value = shortened(value, SHOWN);
                    format!("{name} is a colour such as #0b5d57 or teal, not {value:?}")
                })?;
                self.colors.insert(own, color);
            }
        }
        Ok(())
    }

    /// Texts that nobody could read keep the page's own colours.
    fn drop_unreadable(&mut self) -> impl Iterator<Item = String> + use<> {
        let [_, background, card, text] = OWN;
        let mut messages = Vec::new();
        for (time, prefix) in ["", "dark-"].into_iter().enumerate() {
            let names = [background, card, text].map(|(name, _)| format!("{prefix}{name}"));
            let color = |place: usize, own: [&'static str; 2]| {
                let chosen = self.colors.get(names[place].as_str());
                chosen.map_or(own[time], String::as_str)
            };
            let text = color(2, text.1);
            let worst =
                contrast(color(0, background.1), text).min(contrast(color(1, card.1), text));
            if worst < READABLE {
                messages.push(format!(
                    "{} cannot be read on {} and {} (contrast {worst:.1}, {READABLE} is needed); they are not used",
                    names[2], names[0], names[1]
                ));
                self.colors
                    .retain(|name, _| !names.iter().any(|dropped| dropped == name));
            }
        }
        messages.into_iter()
    }

    /// The colour of what leads on, for those that draw the page's frame.
    pub fn accent(&self) -> &str {
        self.by_day(OWN[0])
    }

    /// The colour behind all, for the same.
    pub fn background(&self) -> &str {
        self.by_day(OWN[1])
    }

    fn by_day(&self, (name, [day, _]): (&str, [&'static str; 2])) -> &str {
        self.colors.get(name).map_or(day, String::as_str)
    }

    /// The style sheet that goes over the page's own.
    pub fn style_sheet(&self) -> String {
        let mut sheet = String::new();
        for (name, [light, night]) in OWN {
            let dark = self.colors.get(format!("dark-{name}").as_str());
            let own = self.colors.get(name);
            // An accent serves by day and by night; the others are made for one of them.
            let dark = dark
                .or(own.filter(|_| name == "accent"))
                .map(String::as_str);
            let pair = (own.map_or(light, String::as_str), dark);
            if own.is_none() && dark.is_none() {
                continue;
            }
            // It cannot fail: it writes into a text.
            let _ = match pair {
                (light, Some(dark)) => writeln!(sheet, "  --{name}: light-dark({light}, {dark});"),
                (light, None) => writeln!(
                    sheet,
                    "  --{name}: light-dark({light}, var(--night-{name}));"
                ),
            };
            if name == "accent" {
                let dark = dark.unwrap_or(night);
                let (on_light, on_dark) = (readable_on(pair.0), readable_on(dark));
                let _ = writeln!(sheet, "  --on-accent: light-dark({on_light}, {on_dark});");
            }
        }
        if sheet.is_empty() {
            sheet
        } else {
            format!(":root {{\n{sheet}}}\n")
        }
    }
}

/// Black or white, whichever is read better.
fn readable_on(color: &str) -> &'static str {
    if contrast(color, "#ffffff") >= contrast(color, "#000000") {
        "#ffffff"
    } else {
        "#000000"
    }
}

/// How two colours differ: 1 to 21 (WCAG 2.2).
fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Of `#rrggbb`: 0 to 1.
fn luminance(color: &str) -> f64 {
    let part = |at: usize| {
        let digits = color.get(at..at + 2).unwrap_or("00");
        let part = f64::from(u8::from_str_radix(digits, 16).unwrap_or(0)) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            libm::pow((part + 0.055) / 1.055, 2.4)
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Rows;

    fn themed(rows: &[(&str, &str)]) -> (Theme, Vec<String>) {
        let bundle = Bundle {
            package: Default::default(),
            rows: Rows {
                theme: rows
                    .iter()
                    .map(|(name, value)| ((*name).into(), (*value).into()))
                    .collect(),
                ..Rows::default()
            },
            theme: Default::default(),
            warnings: Vec::new(),
        };
        let (theme, notices) = Theme::of(&bundle);
        (
            theme,
            notices.into_iter().map(|notice| notice.message).collect(),
        )
    }

    #[test]
    fn colours_are_checked_and_their_texts_stay_readable() {
        let (theme, notices) = themed(&[("color1", "gold"), ("title", "A & B")]);
        assert_eq!(notices, [""; 0]);
        assert_eq!(
            theme.style_sheet(),
            ":root {\n  --accent: light-dark(#ffd700, #ffd700);\n  --on-accent: light-dark(#000000, #000000);\n}\n"
        );
        assert_eq!(theme.title.as_deref(), Some("A & B"));
        assert_eq!(Theme::default().style_sheet(), "");
    }

    #[test]
    fn what_is_no_colour_changes_nothing() {
        for value in [
            "red;} body{display:none",
            "url(x)",
            "expression(1)",
            "#12",
            "</style>",
            "var(--x)",
            "",
        ] {
            let (theme, notices) = themed(&[("accent", value)]);
            assert_eq!(theme, Theme::default(), "{value}");
            assert_eq!(notices.len(), 1, "{value}");
        }
        assert_eq!(themed(&[("font", "x")]).1.len(), 1);
        let long = "x".repeat(100_000);
        for row in [(long.as_str(), "red"), ("accent", long.as_str())] {
            assert!(themed(&[row]).1.concat().len() < 300);
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_used() {
        let (theme, notices) = themed(&[
            ("text", "#777777"),
            ("background", "#888888"),
            ("dark-text", "#ffffff"),
        ]);
        assert_eq!(notices.len(), 1);
        assert_eq!(
            theme.style_sheet(),
            ":root {\n  --text: light-dark(#1d1e21, #ffffff);\n}\n"
        );
    }

    #[test]
    fn the_pages_own_colours_are_those_of_its_style_sheet() {
        let sheet = include_str!("../page/chat.css");
        for (name, [day, night]) in OWN {
            let line = match name {
                "accent" => format!("--accent: light-dark({day}, {night});"),
                _ => format!("--{name}: light-dark({day}, var(--night-{name}));"),
            };
            assert!(sheet.contains(&line), "{line}");
            let line = format!("--night-{name}: {night};");
            assert!(name == "accent" || sheet.contains(&line), "{line}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    }
}
