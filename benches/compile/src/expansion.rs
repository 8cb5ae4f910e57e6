//! How long the code is that a reader sees in `cargo expand`.

use std::path::Path;

use syn::Item;

use crate::Error;
use crate::contender::Contender;
use crate::functions::Kind;
use crate::rustc::rustc;

/// Formatted lines of one function, sync and async.
pub(crate) struct Lines {
    pub(crate) sync: usize,
    pub(crate) r#async: usize,
}

/// Three lines of its own, counted with its signature and brace: what the plain function has is four.
const SAMPLE: &str = "
pub type Error = std::io::Error;

@async@fn read(path: &str) -> Result<String, Error> {
    std::fs::read_to_string(path)
}

pub mod sample {
    use super::{Error, read};

    @attribute@
    pub @async@fn fetch(path: &str, limit: usize) -> Result<String, Error> {
        let text = read(path)@await@?;
        Ok(text[..limit].to_owned())
    }
}
";

pub(crate) fn lines(contenders: &[Contender], work: &Path) -> Result<Vec<Lines>, Error> {
    let lines = |contender| {
        Ok(Lines { sync: count(contender, Kind::Sync, work)?, r#async: count(contender, Kind::Async, work)? })
    };
    contenders.iter().map(lines).collect()
}

fn count(contender: &Contender, kind: Kind, work: &Path) -> Result<usize, Error> {
    let (asyncness, awaited) = match kind {
        Kind::Sync => ("", ""),
        Kind::Async => ("async ", ".await"),
    };
    let source = work.join(format!("{}-{kind:?}-sample.rs", contender.name).to_lowercase());
    let sample = SAMPLE.replace("@async@", asyncness).replace("@await@", awaited);
    std::fs::write(&source, contender.annotate(&sample))?;
    let output = rustc(contender, &source)
        .args(["--crate-type=lib", "-Zunpretty=expanded"])
        .env("RUSTC_BOOTSTRAP", "1")
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("{}: rustc: {}", source.display(), output.status).into());
    }
    let mut file = syn::parse_file(&String::from_utf8(output.stdout)?)?;
    let sample = file.items.into_iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == "sample" => module.content,
        _ => None,
    });
    // The module's own `use` is not of the attribute.
    file.items = sample.ok_or("the expansion lost its module")?.1;
    file.items.retain(|item| !matches!(item, Item::Use(_)));
    file.attrs.clear();
    let formatted = prettyplease::unparse(&file);
    std::fs::write(source.with_extension("expanded.rs"), &formatted)?;
    Ok(formatted.lines().filter(|line| !line.trim().is_empty()).count())
}
