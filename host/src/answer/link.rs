//! Addresses on the web, and links to files for as long as nothing can be uploaded.

use url::{Host, Url};

/// Longer ones do not work everywhere.
const MAX_LENGTH: usize = 2048;

/// The kinds of files that a link can be asked to lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Any,
    Image,
    Audio,
    Video,
    Document,
}

/// An address on the web, whole: `https://` is put in front where nothing else is. It names a host of the public web, and
/// no password.
pub fn url(message: &str) -> Option<String> {
    web_address(message).map(String::from)
}

/// A link to a file: something stands behind the host's name, and ends as files of the kind do.
pub fn file(message: &str, kind: FileKind) -> Option<String> {
    let url = web_address(message)?;
    let name = url.path_segments()?.next_back()?;
    if name.is_empty() {
        return None;
    }
    let extension = name.rsplit_once('.').map(|(_, end)| end.to_lowercase());
    let fits = match kind.extensions() {
        None => true,
        Some(extensions) => extensions
            .split(' ')
            .any(|known| extension.as_deref() == Some(known)),
    };
    fits.then(|| url.into())
}

impl FileKind {
    fn extensions(self) -> Option<&'static str> {
        match self {
            FileKind::Any => None,
            FileKind::Image => Some("png jpg jpeg gif webp avif svg bmp heic tif tiff"),
            FileKind::Audio => Some("mp3 wav ogg oga opus m4a aac flac weba"),
            FileKind::Video => Some("mp4 webm mov m4v mkv avi ogv 3gp mpg mpeg"),
            FileKind::Document => Some("pdf doc docx odt rtf txt md xls xlsx ods csv ppt pptx odp"),
        }
    }
}

fn web_address(message: &str) -> Option<Url> {
    let text = message.trim();
    if text.len() > MAX_LENGTH || text.contains(char::is_whitespace) {
        return None;
    }
    let has_scheme = text.contains("://");
    let url = match has_scheme {
        true => Url::parse(text),
        false => Url::parse(&format!("https://{text}")),
    };
    let url = url.ok()?;
    let named = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none();
    let reachable = match url.host()? {
        Host::Domain(name) => is_public_name(name),
        // `1.5` would be one of these.
        Host::Ipv4(_) | Host::Ipv6(_) => has_scheme,
    };
    (named && reachable).then_some(url)
}

/// At least two labels, the last one no number; in the ASCII that the URL standard makes of a name.
pub fn is_public_name(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let label = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let last_is_a_name = labels
        .last()
        .is_some_and(|last| last.len() > 1 && last.bytes().any(|byte| byte.is_ascii_alphabetic()));
    name.len() <= 253 && labels.len() > 1 && labels.iter().all(label) && last_is_a_name
}
