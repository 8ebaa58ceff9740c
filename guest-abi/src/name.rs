//! The names of a package's parts, as scripts write them: with or without ending and folder, in capital or small letters.

/// The name of a tool: `.gbdialog/Enroll.bas` is `enroll`.
pub fn tool_name(written: &str) -> String {
    plain(written, ".gbdialog/", ".bas")
}

/// The name of a collection of knowledge: `Docs.gbkb` and `shop.gbkb/docs/` are `docs`.
pub fn collection_name(written: &str) -> String {
    plain(written.trim_end().trim_end_matches('/'), ".gbkb/", ".gbkb")
}

fn plain(written: &str, folder: &str, ending: &str) -> String {
    let name = written.trim().to_lowercase();
    let name = name.rsplit_once(folder).map_or(&*name, |(_, name)| name);
    name.strip_suffix(ending).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_has_one_name() {
        for written in ["docs", " Docs.gbkb ", "shop.gbkb/DOCS", ".gbkb/docs/"] {
            assert_eq!(collection_name(written), "docs", "{written}");
        }
        for written in ["enroll", "Enroll.BAS", "shop.gbdialog/enroll.bas"] {
            assert_eq!(tool_name(written), "enroll", "{written}");
        }
    }
}
