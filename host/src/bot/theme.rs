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
/// What tells of something wrong, by day and by night.
const WRONG: [&str; 2] = ["#a3261b", "#ff9a8f"];
/// Their places in such pairs.
const DAY: usize = 0;
const NIGHT: usize = 1;
/// Characters of a wrong name or value that are shown.
const SHOWN: usize = 60;
/// What text on a colour must come to (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;
/// What the edge of an input must come to (WCAG 2.2, 1.4.11).
const VISIBLE: f64 = 3.0;

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
        for (time, prefix) in [(DAY, ""), (NIGHT, "dark-")] {
            let names = [background, card, text].map(|(name, _)| format!("{prefix}{name}"));
            let behind = [self.color(background, time), self.color(card, time)];
            let worst = worst(self.color(text, time), behind);
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
        self.color(OWN[0], DAY)
    }

    /// The colour behind all, for the same.
    pub fn background(&self) -> &str {
        self.color(OWN[1], DAY)
    }

    /// The style sheet that goes over the page's own: all its colours, by day and by night, if the theme has any.
    pub fn style_sheet(&self) -> String {
        if self.colors.is_empty() {
            return String::new();
        }
        let [day, night] = [self.palette(DAY), self.palette(NIGHT)];
        let mut sheet = String::from(":root {\n");
        for ((name, day), (_, night)) in day.into_iter().zip(night) {
            // It cannot fail: it writes into a text.
            let _ = writeln!(sheet, "  --{name}: light-dark({day}, {night});");
        }
        sheet.push_str("}\n");
        sheet
    }

    /// The colours that the theme chooses or leaves as they are, and those that are made to go with them.
    fn palette(&self, time: usize) -> [(&'static str, String); 8] {
        let [accent, background, card, text] = OWN.map(|own| self.color(own, time).to_owned());
        let behind = [background.as_str(), card.as_str()];
        let faint = shade(&text, behind, 0.72, READABLE);
        let edge = shade(&text, behind, 0.5, VISIBLE);
        let reads = |wrong: &&str| worst(wrong, behind) >= READABLE;
        let wrong = [WRONG[time], WRONG[1 - time]].into_iter().find(reads);
        let wrong = wrong.unwrap_or(&text).to_owned();
        let on_accent = readable_on(&accent).to_owned();
        [
            ("accent", accent),
            ("on-accent", on_accent),
            ("background", background),
            ("card", card),
            ("text", text),
            ("faint", faint),
            ("edge", edge),
            ("wrong", wrong),
        ]
    }

    /// One of the page's own colours, or what the theme has instead of it. An accent serves by day and by night; the others are
    /// made for one of them.
    fn color(&self, (name, own): (&'static str, [&'static str; 2]), time: usize) -> &str {
        let by_day = self.colors.get(name);
        let chosen = match time {
            DAY => by_day,
            _ => {
                let by_night = self.colors.get(format!("dark-{name}").as_str());
                by_night.or(by_day.filter(|_| name == "accent"))
            }
        };
        chosen.map_or(own[time], String::as_str)
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

/// A text's colour mixed into what is behind it: no more than `share` of it, 0 to 1, if that still has this contrast.
fn shade(text: &str, behind: [&str; 2], share: f64, needed: f64) -> String {
    let shares = [share, 0.8, 0.85, 0.9, 0.95];
    let mut shades = shares
        .map(|share| mixed(text, behind[0], share))
        .into_iter();
    let found = shades.find(|shade| worst(shade, behind) >= needed);
    found.unwrap_or_else(|| text.to_owned())
}

/// As `color-mix(in srgb, …)` mixes them: `share` of the one, the rest of the other.
fn mixed(one: &str, other: &str, share: f64) -> String {
    let part = |at| {
        let mixed = channel(one, at) * share + channel(other, at) * (1.0 - share);
        (mixed * 255.0).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", part(1), part(3), part(5))
}

/// The contrast of a text with the one of two colours behind it on which it is read worst.
fn worst(text: &str, behind: [&str; 2]) -> f64 {
    contrast(behind[0], text).min(contrast(behind[1], text))
}

/// How two colours differ: 1 to 21 (WCAG 2.2).
fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Of `#rrggbb`: 0 to 1.
fn luminance(color: &str) -> f64 {
    let part = |at| {
        let part = channel(color, at);
        if part <= 0.04045 {
            part / 12.92
        } else {
            libm::pow((part + 0.055) / 1.055, 2.4)
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

/// The two digits at a place of `#rrggbb`: 0 to 1.
fn channel(color: &str, at: usize) -> f64 {
    let digits = color.get(at..at + 2).unwrap_or("00");
    f64::from(u8::from_str_radix(digits, 16).unwrap_or(0)) / 255.0
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
        let sheet = theme.style_sheet();
        assert!(sheet.contains("--accent: light-dark(#ffd700, #ffd700);"));
        assert!(sheet.contains("--on-accent: light-dark(#000000, #000000);"));
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
        let sheet = theme.style_sheet();
        assert!(sheet.contains("--text: light-dark(#1d1e21, #ffffff);"));
        assert!(sheet.contains("--background: light-dark(#f6f5f2, #17181b);"));
    }

    #[test]
    fn whatever_the_theme_all_of_the_page_can_be_read() {
        let themes: [&[(&str, &str)]; 4] = [
            &[("accent", "gold")],
            &[("text", "#666666"), ("background", "#ffffff")],
            &[
                ("background", "#102030"),
                ("card", "#203040"),
                ("text", "#ffffff"),
            ],
            &[
                ("background", "#a3261b"),
                ("card", "#a3261b"),
                ("text", "#ffffff"),
            ],
        ];
        for rows in themes {
            let (theme, notices) = themed(rows);
            assert_eq!(notices, [""; 0], "{rows:?}");
            for time in [DAY, NIGHT] {
                let palette = BTreeMap::from(theme.palette(time));
                let behind = [palette["background"].as_str(), palette["card"].as_str()];
                for (name, needed) in [("text", 4.5), ("faint", 4.5), ("wrong", 4.5), ("edge", 3.0)]
                {
                    let comes_to = worst(&palette[name], behind);
                    assert!(comes_to >= needed, "{rows:?}, {name}: {comes_to}");
                }
                assert!(
                    contrast(&palette["accent"], &palette["on-accent"]) >= 4.5,
                    "{rows:?}"
                );
            }
        }
    }

    #[test]
    fn the_pages_own_colours_are_those_of_its_style_sheet() {
        let sheet = include_str!("../page/chat.css");
        for (name, [day, night]) in OWN.into_iter().chain([("wrong", WRONG)]) {
            let line = format!("--{name}: light-dark({day}, {night});");
            assert!(sheet.contains(&line), "{line}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    }
}
