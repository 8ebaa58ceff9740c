use super::*;

fn package(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = root.path().join("shop.gbai").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    root
}

fn refusal(files: &[(&str, &[u8])]) -> String {
    let root = package(files);
    let error = read(&root.path().join("shop.gbai")).unwrap_err();
    error
        .to_string()
        .replace(&root.path().display().to_string(), "")
}

#[test]
fn a_folder_is_read_in_order() {
    let root = package(&[
        ("shop.gbdialog/start.bas", b"TALK 1"),
        ("shop.gbdialog/Order.bas", b"TALK 2"),
        ("shop.gbdialog/notes.txt", b""),
        (
            "shop.gbot/config.csv",
            b"name,value\nbot-name,Shop\nparam-city,Recife\nno-such-row,1\n",
        ),
        ("shop.gbkb/policies/a.md", b""),
    ]);
    let bundle = read(&root.path().join("shop.gbai")).unwrap();
    let names: Vec<&str> = bundle
        .package
        .scripts
        .iter()
        .map(|script| script.name.as_str())
        .collect();
    assert_eq!(names, ["order", "start"]);
    assert_eq!(bundle.package.name, "shop");
    assert_eq!(bundle.package.parameters["city"], "Recife");
    assert!(bundle.package.knowledge_bases.contains("policies"));
    assert_eq!(bundle.rows.bot_name.as_deref(), Some("Shop"));
    assert_eq!(bundle.warnings.len(), 2);
    assert_eq!(bundle.warnings[1].line, 4);
}

#[test]
fn a_single_script_is_a_package() {
    let root = package(&[("hello.bas", b"TALK 1")]);
    let bundle = read(&root.path().join("shop.gbai/hello.bas")).unwrap();
    assert_eq!(
        (
            bundle.package.name.as_str(),
            bundle.package.scripts[0].name.as_str()
        ),
        ("hello", "start")
    );
}

#[test]
fn what_is_no_package_says_why() {
    assert!(refusal(&[("shop.gbdialog/other.bas", b"")]).contains("start.bas is missing"));
    let latin = refusal(&[("shop.gbdialog/start.bas", b"' ok\nTALK \"ol\xe1\"")]);
    assert_eq!(
        latin,
        "/shop.gbai/shop.gbdialog/start.bas:2: this is not UTF-8; save the file with the encoding UTF-8"
    );
    let twice = refusal(&[
        ("shop.gbdialog/start.bas", b""),
        ("shop.gbdialog/Start.bas", b""),
    ]);
    assert!(twice.contains("another script named start"), "{twice}");
    let long = vec![b' '; MAX_FILE_BYTES as usize + 1];
    assert!(refusal(&[("shop.gbdialog/start.bas", &long)]).contains("longer than"));
    assert!(
        refusal(&[("readme", b"")])
            .ends_with("shop.gbdialog is missing: the scripts belong into it")
    );
    let renamed = refusal(&[("main.gbdialog/start.bas", b"")]);
    assert!(
        renamed.ends_with("; rename main.gbdialog to it"),
        "{renamed}"
    );
    assert!(
        read(Path::new("/nowhere.gbai"))
            .unwrap_err()
            .to_string()
            .contains("/nowhere.gbai")
    );
}

#[test]
fn a_name_that_no_address_can_have_is_refused() {
    let root = tempfile::tempdir().unwrap();
    for (name, fits) in [("help-desk", true), ("Shop", false), ("admin", false)] {
        let path = root.path().join(format!("{name}.gbai"));
        let scripts = path.join(format!("{name}.gbdialog"));
        std::fs::create_dir_all(&scripts).unwrap();
        std::fs::write(scripts.join("start.bas"), "TALK 1").unwrap();
        let read = read(&path);
        assert_eq!(read.is_ok(), fits, "{name}");
        if let Err(error) = read {
            assert!(error.to_string().contains("reserved"), "{error}");
        }
    }
}

#[test]
fn a_theme_is_small() {
    let start: (&str, &[u8]) = ("shop.gbdialog/start.bas", b"TALK 1");
    let (long, many) = ("-".repeat((64 << 10) + 1), "--a:1;".repeat(201));
    for (sheet, properties, told) in [
        (&long[1..], 0, ""),
        (
            &long,
            0,
            "a style sheet has at most 64 KiB; this one is not used",
        ),
        (&many[6..], 200, ""),
        (
            &many,
            200,
            "a theme has at most 200 properties; the others are not used",
        ),
    ] {
        let root = package(&[start, ("shop.gbtheme/a.css", sheet.as_bytes())]);
        let bundle = read(&root.path().join("shop.gbai")).unwrap();
        assert_eq!(bundle.theme.properties.len(), properties);
        let warnings = bundle.warnings.iter();
        let warnings: Vec<&str> = warnings.map(|notice| notice.message.as_str()).collect();
        assert_eq!(warnings.concat(), told);
    }
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_not_opened() {
    for place in ["shop.gbdialog/start.bas", "shop.gbot/config.csv"] {
        let root = package(&[("shop.gbdialog/start.bas", b""), ("shop.gbot/notes", b"")]);
        let path = root.path().join("shop.gbai");
        // The script goes, or there was no such file.
        let _ = std::fs::remove_file(path.join(place));
        let made = std::process::Command::new("mkfifo")
            .arg(path.join(place))
            .status();
        assert!(made.unwrap().success());
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || tell.send(read(&path).map(drop)));
        let read = told.recv_timeout(std::time::Duration::from_secs(10));
        let error = read.expect("it does not wait for who writes").unwrap_err();
        assert!(error.to_string().ends_with("this is no file"), "{error}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_opened_counts_and_not_what_its_path_leads_to_later() {
    let root = package(&[("shop.gbdialog/start.bas", b"TALK 1")]);
    let (folder, secret) = (root.path().join("shop.gbai"), root.path().join("secret"));
    std::fs::write(&secret, "pomegranate").unwrap();
    let files = Files::within(&folder).unwrap();
    let inside = folder.join("shop.gbdialog/start.bas");
    let open = |path| std::fs::File::open(path).unwrap();
    assert!(files.hold_open(&open(&inside), &inside).is_ok());
    // As if a link had led to the secret when it was opened, and were a file of the package again.
    let error = files.hold_open(&open(&secret), &inside).unwrap_err();
    assert!(error.to_string().contains("leads out"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_link_that_leads_out_of_the_package_is_refused() {
    use std::os::unix::fs::symlink;
    let files: &[(&str, &[u8])] = &[("shop.gbdialog/start.bas", b"TALK 1")];
    for (link, target, fits) in [
        ("shop.gbdialog/again.bas", "start.bas", true),
        ("shop.gbdialog/secret.bas", "../../secret.bas", false),
        ("shop.gbot", "../elsewhere", false),
        ("shop.gbkb", "../elsewhere", false),
        ("shop.gbkb", "shop.gbdialog", true),
    ] {
        let root = package(files);
        let elsewhere = root.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::write(elsewhere.join("config.csv"), "name,value\n").unwrap();
        std::fs::write(root.path().join("secret.bas"), "TALK 2").unwrap();
        symlink(target, root.path().join("shop.gbai").join(link)).unwrap();
        let read = read(&root.path().join("shop.gbai"));
        assert_eq!(read.is_ok(), fits, "{link} to {target}");
        if let Err(error) = read {
            let said = error.to_string();
            assert!(said.contains(link) && said.contains("leads out"), "{said}");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_package_may_be_a_link_itself() {
    let root = package(&[("shop.gbdialog/start.bas", b"TALK 1")]);
    let link = tempfile::tempdir().unwrap();
    let path = link.path().join("shop.gbai");
    std::os::unix::fs::symlink(root.path().join("shop.gbai"), &path).unwrap();
    assert_eq!(read(&path).unwrap().package.name, "shop");
}

#[test]
fn an_edit_changes_the_stamp() {
    let root = package(&[("shop.gbdialog/start.bas", b"TALK 1")]);
    let before = stamps(root.path()).unwrap();
    assert_eq!(stamps(root.path()).unwrap(), before);
    std::fs::write(
        root.path().join("shop.gbai/shop.gbdialog/start.bas"),
        b"TALK 12",
    )
    .unwrap();
    assert_ne!(stamps(root.path()).unwrap(), before);
}
