//! The table: name, figure, target, and whether it is reached

use std::process::{Command, ExitCode};

/// Prints rows as they come
pub(crate) struct Report {
    only: Option<String>,
    strict: bool,
    markdown: bool,
    rows: u32,
    short: u32,
}

/// A limit on a figure
#[derive(Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Report {
    /// A table with its head; arguments are `--strict`, `--markdown` and a part of the names of
    /// the rows to show
    pub(crate) fn new() -> Self {
        let arguments = || std::env::args().skip(1).filter(|argument| argument != "--bench");
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model =
            info.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let version = Command::new("rustc").arg("--version").output();
        let version = version.map(|of| String::from_utf8_lossy(&of.stdout).trim().to_owned());
        let markdown = arguments().any(|argument| argument == "--markdown");
        let sign = if markdown { "" } else { "# " };
        println!(
            "{sign}{}, {cores} cores, {}; {}; lto, one codegen unit",
            model.unwrap_or("processor unknown"),
            std::env::consts::ARCH,
            version.unwrap_or_default(),
        );
        println!("{sign}ratios of medians, in turns in one process; ns unless it says bytes");
        if markdown {
            println!("\n| name | figure | target | |\n|:--|--:|--:|:--|");
        } else {
            println!("name | figure | target | verdict");
        }
        Self {
            only: arguments().find(|argument| !argument.starts_with("--")),
            strict: arguments().any(|argument| argument == "--strict"),
            markdown,
            rows: 0,
            short: 0,
        }
    }

    /// Whether a row is wanted; asked before it is measured
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|part| name.contains(part))
    }

    /// How many times as long theirs takes as ours
    pub(crate) fn times_faster(&mut self, name: &str, [ours, theirs]: [f64; 2], at_least: f64) {
        let raw = format!("ours {ours:.2}, theirs {theirs:.2}");
        self.row(name, theirs / ours, "x", &raw, Target::AtLeast(at_least));
    }

    /// How many times as long one takes as the other
    pub(crate) fn times_longer(&mut self, name: &str, [one, other]: [f64; 2], at_most: f64) {
        let raw = format!("{one:.2} over {other:.2}");
        self.row(name, one / other, "x", &raw, Target::AtMost(at_most));
    }

    /// A figure of its own
    pub(crate) fn row(&mut self, name: &str, figure: f64, unit: &str, raw: &str, target: Target) {
        let (sign, limit, reached) = match target {
            Target::AtLeast(least) => (">=", least, figure >= least),
            Target::AtMost(most) => ("<=", most, figure <= most),
        };
        let verdict = if reached { "reached" } else { "short" };
        let (figure, limit) = (number(figure), limit.to_string());
        if self.markdown {
            let sign = if sign == ">=" { "≥" } else { "≤" };
            println!("| {name} | {figure}{unit} | {sign} {limit}{unit} | {verdict} |");
        } else {
            let raw = if raw.is_empty() { String::new() } else { format!(" ({raw})") };
            println!("{name} | {figure}{unit}{raw} | {sign} {limit}{unit} | {verdict}");
        }
        self.rows += 1;
        self.short += u32::from(!reached);
    }

    /// A figure that nothing was promised of
    pub(crate) fn stated(&mut self, name: &str, figure: f64, unit: &str) {
        let figure = number(figure);
        if self.markdown {
            println!("| {name} | {figure}{unit} | | stated |");
        } else {
            println!("{name} | {figure}{unit} | - | stated");
        }
    }

    /// The last line; with `--strict`, failure if a row is short
    pub(crate) fn end(self) -> ExitCode {
        let sign = if self.markdown { "\n" } else { "# " };
        println!("{sign}{} of {} reached", self.rows - self.short, self.rows);
        ExitCode::from(u8::from(self.strict && self.short > 0))
    }
}

/// Two decimals, or none if it is large
fn number(figure: f64) -> String {
    if figure < 1000.0 { format!("{figure:.2}") } else { format!("{figure:.0}") }
}
