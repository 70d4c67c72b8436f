//! Data flows one way: each module uses only those below it; and the files, programs and links that the documents
//! name exist
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of the crate, the lowest first; one may use itself and what stands before it
const ORDER: &[&str] = &[
    "text",
    "shared",
    "id",
    "bytes",
    "status",
    "space",
    "rules",
    "command",
    "error",
    "event",
    "state",
    "codec",
    "engine",
    "pipeline",
    "reconcile",
    "provider",
    "guide",
];

/// The Rust files below a folder, or the file itself
fn sources(of: &Path) -> Vec<PathBuf> {
    if of.is_file() {
        return vec![of.to_owned()];
    }
    let entries = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir() || is_rust(path)).flat_map(|path| sources(&path)).collect()
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|of| of == "rs")
}

/// The modules that a text names by their path from the crate's root; types have capitals
fn named(text: &str) -> BTreeSet<&str> {
    let paths = text.split("crate::").skip(1);
    let is_end = |char: char| !char.is_ascii_lowercase() && char != '_';
    let heads = paths.filter_map(|rest| rest.split(is_end).next());
    heads.filter(|head| !head.is_empty()).collect()
}

#[test]
fn each_module_uses_only_those_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules = BTreeSet::new();
    for entry in fs::read_dir(&src).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if module == "lib" {
            continue;
        }
        let rank = |of: &str| ORDER.iter().position(|known| *known == of);
        let own = rank(&module).unwrap_or_else(|| panic!("`{module}` has no place in the order"));
        for file in sources(&path) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("crate::{"), "{}: one path a line", file.display());
            for used in named(&text) {
                let below = rank(used).is_some_and(|rank| rank <= own);
                assert!(below, "{}: `{module}` uses `{used}`", file.display());
            }
        }
        modules.insert(module);
    }
    assert_eq!(modules.len(), ORDER.len(), "a module of the order is gone");
}

#[test]
fn what_points_back_is_found() {
    let text = "use crate::engine::Engine;\nuse crate::id::Task; // crate::Engine\n";
    assert_eq!(named(text).into_iter().collect::<Vec<_>>(), ["engine", "id"]);
}

/// The paths of files and folders of the project that a text names in backquotes
fn paths(text: &str) -> BTreeSet<&str> {
    let folders = ["benches/", ".ci/", "docs/", "examples/", "fuzz/", "src/", "tests/"];
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|name| folders.iter().any(|folder| name.starts_with(folder))).collect()
}

/// The pages that the crate's docs include
fn pages(root: &Path) -> Vec<PathBuf> {
    fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_file_that_a_document_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents: Vec<PathBuf> = pages(root);
    let others = ["README.md", "benches/README.md", "CHANGELOG.md", "CONTRIBUTING.md"];
    documents.extend(others.map(|name| root.join(name)));
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        let text = text.replace("```", "");
        for path in paths(&text) {
            assert!(root.join(path).exists(), "{} names `{path}`", document.display());
        }
    }
    assert_eq!(paths("`src/a.rs` and `b` or `tests/c/`").len(), 2);
}

#[test]
fn the_readme_shows_the_example_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let example = fs::read_to_string(root.join("examples/embed.rs")).unwrap();
    let (_, code) = example.split_at(example.find("use ipam_core").unwrap());
    assert!(
        readme.contains(&format!("```rust\n{code}```\n")),
        "README.md and examples/embed.rs differ"
    );
    assert!(code.lines().count() <= 25, "the program to copy has more than 25 lines");
}

/// On docs.rs and crates.io nothing else of the repository is there
#[test]
fn the_readme_is_short_and_links_to_the_docs_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.len() <= 9_000, "{} bytes", readme.len());
    assert!(!readme.contains("]("), "a link of the README is defined at its end");
    let guide = fs::read_to_string(root.join("src/guide/mod.rs")).unwrap();
    let links: Vec<(&str, &str)> =
        readme.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ")).collect();
    for (name, target) in &links {
        assert!(readme.contains(&format!("[{name}]")), "no link leads to {target}");
        let page = target.strip_prefix("https://docs.rs/ipam-core/latest/ipam_core/");
        let page = page.unwrap_or_else(|| panic!("{target} is not on docs.rs"));
        if let Some(rest) = page.strip_prefix("guide/") {
            let (name, _) = rest.split_once('/').unwrap_or(("mod", rest));
            let text = format!("{name}.md");
            assert!(name == "mod" || guide.contains(&text), "{target} leads nowhere");
        }
    }
    assert!(links.len() > 10);
    let named: BTreeSet<_> = pages(root)
        .into_iter()
        .filter_map(|page| Some(page.file_name()?.to_str()?.to_owned()))
        .collect();
    for page in named {
        assert!(guide.contains(&page), "the guide does not include docs/{page}");
    }
}

#[test]
fn the_readme_names_the_oldest_rust() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let line = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
    let version = line.unwrap().trim_matches('"');
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains(&format!("Minimum Rust version: {version}")), "not {version}");
}
