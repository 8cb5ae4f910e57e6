//! The page of tables.

use std::fmt::{self, Write};
use std::process::Command;

use crate::Error;
use crate::contender::Contender;
use crate::expansion::Lines;
use crate::functions::{Body, FUNCTIONS, Kind};
use crate::future_size::{SHAPES, Sizes};
use crate::rounds::{Ratio, Summary, Times};
use crate::rustc::Mode;

/// What the project promises of itself.
const MOST_SYNC: f64 = 3.0;
const MOST_ASYNC: f64 = 1.6;
const MOST_CRATES: usize = 15;
const OWN: &str = "tachograph";
/// Measures nothing, so it is compared with nobody.
const OFF: &str = "tachograph-off";

pub(crate) struct Report<'a> {
    pub(crate) contenders: &'a [Contender],
    pub(crate) rounds: usize,
    pub(crate) times: Vec<Times>,
    pub(crate) lines: Vec<Lines>,
    pub(crate) sizes: Vec<Sizes>,
}

impl Report<'_> {
    pub(crate) fn render(&self) -> Result<String, Error> {
        let mut page = String::new();
        self.heading(&mut page)?;
        for (kind, body, mode) in self.times.iter().map(|times| (times.kind, times.body, times.mode)) {
            self.compile_times(&mut page, kind, body, mode)?;
        }
        self.footprint(&mut page)?;
        self.future_sizes(&mut page)?;
        self.promises(&mut page)?;
        Ok(page)
    }

    fn heading(&self, page: &mut String) -> Result<(), Error> {
        let printed = |program: &str, argument: &str| -> Result<String, Error> {
            Ok(String::from_utf8(Command::new(program).arg(argument).output()?.stdout)?.trim().to_owned())
        };
        let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = processor
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
            .map_or("unknown processor", |(_, model)| model);
        writeln!(page, "# Attributes beside their peers\n")?;
        writeln!(page, "- Command: `cargo run --release --manifest-path benches/compile/Cargo.toml`")?;
        writeln!(page, "- Date: {}", printed("date", "-I")?)?;
        writeln!(page, "- Machine: {model}, {} cores", std::thread::available_parallelism()?)?;
        writeln!(page, "- Compiler: {}", printed("rustc", "-V")?)?;
        writeln!(
            page,
            "- Rounds: {}, interleaved and shuffled; medians, and medians of each round's ratio to the plain crate\n",
            self.rounds
        )?;
        writeln!(page, "| contender | attribute | version |\n|---|---|---|")?;
        for contender in self.contenders {
            let attribute = match contender.attribute.as_str() {
                "" => "none".to_owned(),
                written => format!("`{written}`"),
            };
            writeln!(page, "| {} | {attribute} | {} |", contender.name, contender.version())?;
        }
        Ok(())
    }

    fn compile_times(&self, page: &mut String, kind: Kind, body: Body, mode: Mode) -> Result<(), Error> {
        let Some(times) = self.find(kind, body, mode) else { return Ok(()) };
        let how = match mode {
            Mode::Build => "`cargo build`",
            Mode::BuildAtOnce => "`CARGO_INCREMENTAL=0 cargo build`",
            Mode::Check => "`cargo check`",
        };
        let (kind, body) = (format!("{kind:?}").to_lowercase(), format!("{body:?}").to_lowercase());
        writeln!(page, "\n## {FUNCTIONS} {kind} functions, {body} bodies, {how}\n")?;
        writeln!(page, "| contender | wall s | × plain | from–to | user s | × plain | from–to |")?;
        writeln!(page, "|---|---:|---:|---:|---:|---:|---:|")?;
        for (contender, summary) in self.contenders.iter().zip(&times.contenders) {
            let cells = |ratio: &Ratio| {
                let Ratio { seconds, median, least, greatest } = ratio;
                format!("{seconds:.2} | {median:.2} | {least:.2}–{greatest:.2}")
            };
            writeln!(page, "| {} | {} | {} |", contender.name, cells(&summary.wall), cells(&summary.user))?;
        }
        Ok(())
    }

    fn footprint(&self, page: &mut String) -> Result<(), Error> {
        writeln!(page, "\n## What a library that only annotates takes in\n")?;
        writeln!(
            page,
            "Crates in its tree, itself not counted; formatted lines of one expanded `Result` function.\n"
        )?;
        writeln!(page, "| contender | crates | lines sync | lines async |\n|---|---:|---:|---:|")?;
        for (contender, lines) in self.contenders.iter().zip(&self.lines) {
            let Lines { sync, r#async } = lines;
            writeln!(page, "| {} | {} | {sync} | {} |", contender.name, contender.tree.len(), r#async)?;
        }
        Ok(())
    }

    fn future_sizes(&self, page: &mut String) -> Result<(), Error> {
        writeln!(page, "\n## Size of a future, bytes\n")?;
        writeln!(page, "| contender | {} |\n|---|{}", SHAPES.join(" | "), "---:|".repeat(SHAPES.len()))?;
        for (contender, sizes) in self.contenders.iter().zip(&self.sizes) {
            writeln!(page, "| {} | {} |", contender.name, sizes.map(|size| size.to_string()).join(" | "))?;
        }
        Ok(())
    }

    fn promises(&self, page: &mut String) -> Result<(), Error> {
        let Some(own) = self.contenders.iter().position(|contender| contender.name == OWN) else {
            return Ok(());
        };
        writeln!(page, "\n## Promises\n\n| promise | measured | kept |\n|---|---|---|")?;
        let mut row = |promise: String, measured: String, kept: bool| {
            writeln!(page, "| {promise} | {measured} | {} |", if kept { "yes" } else { "**no**" })
        };
        for (kind, most) in [(Kind::Sync, MOST_SYNC), (Kind::Async, MOST_ASYNC)] {
            for body in [Body::Small, Body::Tiny] {
                let Some(times) = self.find(kind, body, Mode::Build) else { continue };
                let what = format!("{kind:?}, {body:?} bodies").to_lowercase();
                let ours = Ratios::of(&times.contenders[own]);
                row(format!("{what}: at most {most} × plain"), ours.to_string(), ours.within(most))?;
                let peers = self.contenders.iter().zip(&times.contenders).skip(1);
                let fastest = peers
                    .filter(|(peer, _)| peer.name != OWN && peer.name != OFF)
                    .map(|(peer, summary)| (peer.name, Ratios::of(summary)))
                    .min_by(|(_, one), (_, other)| one.user.total_cmp(&other.user));
                if let Some((peer, theirs)) = fastest {
                    row(
                        format!("{what}: faster than {peer}, the fastest peer"),
                        theirs.to_string(),
                        ours.below(&theirs),
                    )?;
                }
            }
        }
        let crates = self.contenders[own].tree.len();
        row(format!("at most {MOST_CRATES} crates"), crates.to_string(), crates <= MOST_CRATES)?;
        for (shape, (own, plain)) in SHAPES.iter().zip(self.sizes[own].iter().zip(&self.sizes[0])) {
            let measured = format!("{own} of {plain}");
            row(format!("future, {shape}: at most plain + 10 %"), measured, own * 10 <= plain * 11)?;
        }
        Ok(())
    }

    fn find(&self, kind: Kind, body: Body, mode: Mode) -> Option<&Times> {
        self.times.iter().find(|times| times.kind == kind && times.body == body && times.mode == mode)
    }
}

/// How a contender stands to the plain crate. A promise holds where it holds for both.
struct Ratios {
    wall: f64,
    user: f64,
}

impl Ratios {
    fn of(summary: &Summary) -> Self {
        Self { wall: summary.wall.median, user: summary.user.median }
    }

    fn within(&self, most: f64) -> bool {
        self.wall <= most && self.user <= most
    }

    fn below(&self, other: &Self) -> bool {
        self.wall < other.wall && self.user < other.user
    }
}

impl fmt::Display for Ratios {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "wall {:.2}, user {:.2}", self.wall, self.user)
    }
}
