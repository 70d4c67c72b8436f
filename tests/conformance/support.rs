//! Which cases the engine cannot run yet, and for want of what

use std::fmt;

use crate::case::{Case, Op};

/// What a case may need beyond addresses by list and by count, lowest first
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    ContiguousRanges,
    /// Policies other than `lowest`, and other than `any`, which lowest first satisfies
    Policies,
    Bands,
    Cursors,
}

/// The features that the engine has and the runner drives: whoever adds one lists it here
const SUPPORTED: &[Feature] =
    &[Feature::ContiguousRanges, Feature::Policies, Feature::Bands, Feature::Cursors];

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ContiguousRanges => "contiguous ranges",
            Self::Policies => "policies other than lowest",
            Self::Bands => "bands",
            Self::Cursors => "cursors",
        })
    }
}

/// Something of a case that is not supported
#[derive(Debug)]
pub(crate) struct Missing {
    /// The operation that it occurs in; `None` is the record itself
    pub(crate) op: Option<&'static str>,
    /// The field of it that asks for the feature, if it is not the operation as such
    pub(crate) field: Option<String>,
    pub(crate) feature: Feature,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.op.into_iter().chain(self.field.as_deref());
        write!(f, "{} ({})", parts.collect::<Vec<_>>().join(" "), self.feature)
    }
}

/// What `case` needs and the engine lacks; each once
pub(crate) fn missing(case: &Case) -> Vec<Missing> {
    let needs = case.ops.iter().flat_map(|op| of_op(case, op));
    let mut missing: Vec<Missing> = Vec::new();
    for need in needs {
        let same = |had: &Missing| (had.op, &had.field) == (need.op, &need.field);
        if !SUPPORTED.contains(&need.feature) && !missing.iter().any(same) {
            missing.push(need);
        }
    }
    missing
}

fn of_op(case: &Case, op: &Op) -> Vec<Missing> {
    let name = op.operation.name;
    let need = |field: Option<String>, feature| Missing { op: Some(name), field, feature };
    let mut needs: Vec<Missing> =
        op.operation.needs.into_iter().map(|feature| need(None, feature)).collect();
    if !matches!(name, "assign" | "assign_each") {
        return needs;
    }
    if op.args.value("band").is_some_and(|value| value != false) {
        needs.push(need(Some("band".into()), Feature::Bands));
    }
    // A policy says which address an automatic pick takes. A pick that is to be refused takes none, so
    // it reads the same under every policy.
    let picks = name == "assign_each" || op.args.value("count").is_some();
    let picks = picks && !op.expect.starts_with("err:");
    if picks && !matches!(case.policy.as_str(), "lowest" | "any") {
        needs.push(need(Some(format!("under policy {}", case.policy)), Feature::Policies));
    }
    needs
}
