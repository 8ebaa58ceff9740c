//! What GET takes for an address or a file, which no property is named like.

/// Endings of files that GET of another host reads.
const FILES: &[&str] = &[
    ".csv", ".doc", ".docx", ".htm", ".html", ".jpeg", ".jpg", ".json", ".md", ".pdf", ".png",
    ".pptx", ".txt", ".xls", ".xlsx", ".xml", ".zip",
];

/// Whether a path names something in the network or a file, rather than a property: `https://…`, `/…`, `bill.pdf`.
pub fn is_address(path: &str) -> bool {
    let path = path.to_lowercase();
    path.contains("://")
        || path.starts_with('/')
        || FILES.iter().any(|ending| path.ends_with(ending))
}
