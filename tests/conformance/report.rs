//! The table of a run

use std::fmt::Write;

use crate::case::OPERATIONS;
use crate::runner::Verdict;
use crate::{Judged, judge};

/// Row of what concerns a case as a whole
const RECORD: &str = "(the record)";

#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    rows: Vec<Row>,
    details: Vec<String>,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    /// Operations passed, operations failed
    counts: [usize; 2],
}

impl Report {
    /// Judges every line of a file that is not blank
    pub(crate) fn of(text: &str) -> Self {
        let mut report = Self::default();
        for (line, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            report.add(line + 1, judge(text));
        }
        report
    }

    fn add(&mut self, line: usize, Judged { case, verdict }: Judged) {
        let id = case.as_ref().map_or_else(|| format!("line {line}"), |case| case.id.clone());
        let names: Vec<&'static str> =
            case.iter().flat_map(|case| &case.ops).map(|op| op.operation.name).collect();
        match verdict {
            Verdict::Passed => {
                self.passed += 1;
                names.into_iter().for_each(|name| self.count(name, 0));
            }
            Verdict::Failed { at, why } => {
                self.failed += 1;
                names.iter().take(at.unwrap_or(0)).for_each(|name| self.count(name, 0));
                let name = at.and_then(|at| names.get(at)).copied().unwrap_or(RECORD);
                self.count(name, 1);
                let at = at.map(|at| format!(" {at}")).unwrap_or_default();
                self.details.push(format!("failed  {id}: {name}{at}: {why}"));
            }
        }
    }

    fn count(&mut self, name: &'static str, column: usize) {
        if !self.rows.iter().any(|row| row.name == name) {
            self.rows.push(Row { name, counts: [0; 2] });
        }
        let row = self.rows.iter_mut().find(|row| row.name == name);
        if let Some(count) = row.and_then(|row| row.counts.get_mut(column)) {
            *count += 1;
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut line = |name: &str, [passed, failed]: [String; 2]| {
            writeln!(f, "{name:<16}{passed:>8}{failed:>8}")
        };
        line("operation", ["passed", "failed"].map(String::from))?;
        for name in OPERATIONS.iter().map(|operation| operation.name).chain([RECORD]) {
            if let Some(row) = self.rows.iter().find(|row| row.name == name) {
                line(name, row.counts.map(|count| count.to_string()))?;
            }
        }
        f.write_char('\n')?;
        for detail in &self.details {
            writeln!(f, "{detail}")?;
        }
        let Self { passed, failed, .. } = self;
        // Every operation of the format is driven: what is not understood has failed.
        write!(f, "\n{passed} passed, {failed} failed, 0 skipped")
    }
}
