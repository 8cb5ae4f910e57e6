//! How large an annotated function's future is.

use std::path::Path;
use std::process::Command;

use crate::Error;
use crate::contender::Contender;
use crate::rustc::rustc;

/// What the columns of the table are.
pub(crate) const SHAPES: [&str; 4] = ["no arguments", "1 KiB argument", "three deep", "three deep, 1 KiB"];

/// Bytes, in the order of [`SHAPES`].
pub(crate) type Sizes = [u64; SHAPES.len()];

const PROGRAM: &str = "
pub type Error = std::io::Error;

async fn wait() -> Result<(), Error> {
    let mut waited = false;
    std::future::poll_fn(|_| {
        if waited { return std::task::Poll::Ready(Ok(())) }
        waited = true;
        std::task::Poll::Pending
    })
    .await
}

@attribute@
pub async fn alone() -> Result<u64, Error> {
    wait().await?;
    Ok(1)
}

@attribute@
pub async fn outer() -> Result<u64, Error> {
    Ok(middle().await? + 1)
}

@attribute@
pub async fn middle() -> Result<u64, Error> {
    Ok(alone().await? + 1)
}

@attribute@
pub async fn whole(page: [u8; 1024]) -> Result<u64, Error> {
    wait().await?;
    Ok(page.iter().map(|byte| u64::from(*byte)).sum())
}

@attribute@
pub async fn outer_whole(page: [u8; 1024]) -> Result<u64, Error> {
    Ok(middle_whole(page).await? + 1)
}

@attribute@
pub async fn middle_whole(page: [u8; 1024]) -> Result<u64, Error> {
    Ok(whole(page).await? + 1)
}

fn main() {
    let page = [0; 1024];
    println!(
        \"{} {} {} {}\",
        size_of_val(&alone()),
        size_of_val(&whole(page)),
        size_of_val(&outer()),
        size_of_val(&outer_whole(page))
    );
}
";

pub(crate) fn sizes(contenders: &[Contender], work: &Path) -> Result<Vec<Sizes>, Error> {
    contenders.iter().map(|contender| measure(contender, work)).collect()
}

fn measure(contender: &Contender, work: &Path) -> Result<Sizes, Error> {
    let (source, program) = (work.join("future_size.rs"), work.join("future_size"));
    std::fs::write(&source, contender.annotate(PROGRAM))?;
    let status = rustc(contender, &source).arg("-o").arg(&program).status()?;
    if !status.success() {
        return Err(format!("{}: rustc: {status}", contender.name).into());
    }
    let printed = String::from_utf8(Command::new(&program).output()?.stdout)?;
    let sizes = printed.split_whitespace().map(str::parse).collect::<Result<Vec<_>, _>>()?;
    sizes.try_into().map_err(|_| format!("{}: printed {printed:?}", contender.name).into())
}
