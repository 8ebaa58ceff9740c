use std::time::{Duration, Instant};

use super::*;

const LINK: &str = r#"target="_blank" rel="noopener noreferrer nofollow""#;

#[test]
fn markdown_becomes_html() {
    for (text, expected) in [
        (
            "**Tea** and *cake*, ~~none~~",
            "<p><strong>Tea</strong> and <em>cake</em>, <del>none</del></p>",
        ),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("# Menu", "<h1>Menu</h1>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("2. two", "<ol start=\"2\">\n<li>two</li>\n</ol>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```js\nlet a;\n```", "<pre><code>let a;\n</code></pre>"),
        (
            "|a|b|\n|-|-|\n|1|2|",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr><td>1</td><td>2</td></tr>\n</tbody></table>",
        ),
        ("", ""),
    ] {
        assert_eq!(html(text), expected, "{text:?}");
    }
}

#[test]
fn links_are_safe_and_pictures_are_links() {
    let link = |href: &str, text: &str| format!(r#"<a href="{href}" {LINK}>{text}</a>"#);
    for (text, expected) in [
        ("[a](https://x.org)", link("https://x.org", "a")),
        (
            "see https://x.org/a_b_c?d=1&e.",
            format!(
                "see {}.",
                link(
                    "https://x.org/a_b_c?d=1&amp;e",
                    "https://x.org/a_b_c?d=1&amp;e"
                )
            ),
        ),
        (
            "(https://x.org/(a))",
            format!("({})", link("https://x.org/(a)", "https://x.org/(a)")),
        ),
        ("<https://x.org>", link("https://x.org", "https://x.org")),
        (
            "[https://x.org](https://y.org)",
            link("https://y.org", "https://x.org"),
        ),
        ("`https://x.org`", "<code>https://x.org</code>".into()),
        (
            "![a cat](https://x.org/c.png)",
            link("https://x.org/c.png", "a cat"),
        ),
        (
            "![](https://x.org/c.png)",
            link("https://x.org/c.png", "https://x.org/c.png"),
        ),
        (
            "[![a cat](https://x.org/c.png)](https://y.org)",
            link("https://y.org", "a cat"),
        ),
        (
            "ção https://x.org/ção",
            format!(
                "ção {}",
                link("https://x.org/%C3%A7%C3%A3o", "https://x.org/ção")
            ),
        ),
        ("https://", "https://".into()),
    ] {
        assert_eq!(html(text), format!("<p>{expected}</p>"), "{text:?}");
    }
    for text in [
        "[a](javascript:alert(1))",
        "[a](data:text/html,x)",
        "[a](//evil)",
        "[a](/up)",
        "[a](vbscript:x)",
        "[a](JaVa&#x53;cript:x)",
    ] {
        assert!(!html(text).contains("href"), "{text}: {}", html(text));
    }
}

#[test]
fn html_is_text() {
    for (text, expected) in [
        ("<b>there</b>", "<p>&lt;b&gt;there&lt;/b&gt;</p>"),
        (
            "a <img src=x onerror=alert(1)> b",
            "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>",
        ),
        ("<!-- x -->", "<p>&lt;!-- x --&gt;</p>"),
    ] {
        assert_eq!(html(text), expected);
    }
    let block = html("<script>\nalert(1)\n</script>");
    assert!(
        block.starts_with("<p>&lt;script&gt;") && block.ends_with("&lt;/script&gt;</p>"),
        "{block}"
    );
}

#[test]
fn the_quick_way_leads_to_the_same() {
    let texts = [
        "Hello",
        "What is your name?",
        "Olá, você está aí?",
        "A: b, c; d! (e) 50% 1/2 it's",
        "Turn 17.",
        "x  y",
        "ab) c",
        "日本語。",
        "é",
        "a 1. b",
        "What: 1) this 2) that",
        "12 hello 1",
        "2026-03-01 is a Sunday",
        "7",
        "1 . 2",
        "3,5 kg, or 3.5 kg",
        "a well-known -- and - fact ---",
        "½ a cup",
    ];
    for text in texts {
        assert!(is_plain(text), "{text}");
        assert_eq!(html(text), render(text), "{text}");
    }
    for text in [
        "1. a",
        "12) a",
        "7.",
        "- a",
        "a\nb",
        " a",
        "a ",
        "a&b",
        "a<b",
        "https://x.org",
        "a\u{a0}b",
        "a*b",
        "",
        "+1",
        "a\u{0}",
        "a\u{2028}b",
    ] {
        assert!(!is_plain(text), "{text:?}");
    }
}

#[test]
fn hostile_markdown_takes_milliseconds() {
    let repeated = |part: &str| part.repeat(LONGEST / part.len());
    let parts = [
        ">",
        "> ",
        "* ",
        "- ",
        "1. ",
        "[",
        "![",
        "[](",
        "[a](<b",
        "[ (](",
        "a***",
        "*a _b ",
        "**a *b ",
        "[*_a",
        "`a``",
        "<",
        "<a ",
        "<!--",
        "a <![CDATA[",
        "a <?",
        "<a href=\"",
        "&amp",
        "\\",
        "|a",
        "|a|b|\n|-|-|\n",
        "~~a ",
        "https://",
        "https://a(",
        "http://a.b ",
        "]([\n",
        "\t",
        "> a\n",
        ">a\n> b\n\n",
        "# a\n",
        "a\n=\n",
        "[a]: b\n",
        "[a]",
        "```\n",
        "a\\\n",
        "🎈",
        "<div>\n",
        "*[a](b) ",
        "_*",
        "***a ",
        "[a][b",
        "([a](b",
        "![a](b",
        "https://a.b).",
    ];
    let mut hostile: Vec<String> = parts.iter().map(|part| repeated(part)).collect();
    hostile.push(format!(
        "{}{}",
        ">".repeat(LONGEST / 2),
        "\na".repeat(LONGEST / 4)
    ));
    hostile.push(
        (0..350)
            .map(|depth| format!("{}* a\n", " ".repeat(depth)))
            .collect(),
    );
    hostile.push(format!(
        "{}a{}",
        "*".repeat(LONGEST / 2 - 1),
        "*".repeat(LONGEST / 2 - 1)
    ));
    hostile.push(format!(
        "{}a{}",
        "[".repeat(LONGEST / 2 - 1),
        "]".repeat(LONGEST / 2 - 1)
    ));
    hostile.push(format!(
        "[x]: {}\n{}",
        "x".repeat(LONGEST / 2),
        "[x]\n".repeat(LONGEST / 8 - 2)
    ));
    hostile.push(
        (1..350)
            .map(|count| format!("e{}", "`".repeat(count)))
            .collect(),
    );
    hostile.push(format!(
        "|{}\n|{}\n",
        "a|".repeat(LONGEST / 4 - 2),
        "-|".repeat(LONGEST / 4 - 2)
    ));
    hostile.push(format!(
        "|{}\n|{}\n{}",
        "a|".repeat(9_000),
        "-|".repeat(9_000),
        "|\n".repeat(9_000)
    ));
    for end in [")", ").", "(", "http://(", "https://"] {
        hostile.push(format!("http://a{}", end.repeat((LONGEST - 8) / end.len())));
        hostile.push(repeated(&format!("http://{end}")));
    }
    html("**first**");
    for text in hostile {
        let start = Instant::now();
        let html = render(&text);
        let elapsed = start.elapsed();
        let beginning: String = text.chars().take(12).collect();
        println!(
            "{:>8.2} ms {:>9} bytes {beginning:?}",
            elapsed.as_secs_f64() * 1e3,
            html.len()
        );
        assert!(
            elapsed < Duration::from_millis(400),
            "{elapsed:?} for {beginning:?}"
        );
        assert!(
            html.len() < 40 * LONGEST,
            "{} bytes for {beginning:?}",
            html.len()
        );
    }
}

#[test]
fn what_is_too_long_is_shown_as_it_stands() {
    let long = format!("**a**\n<b>{}", "x".repeat(LONGEST));
    assert!(html(&long).starts_with("<p>**a**<br>&lt;b&gt;xxx"));
}
