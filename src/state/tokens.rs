//! Answers kept under tokens until their time

use alloc::boxed::Box;
use alloc::collections::BTreeSet;

use super::seeded::Seeded;
use super::table::{Ix, Table};
use crate::event::{Recalled, TokenKept};
use crate::id::{Revision, Timestamp, Token};
use crate::space::list::AddrList;

/// An answer, and what it answers
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) until: Timestamp,
    /// Digest of the command
    pub(crate) request: u64,
    /// The revision that keeps it
    pub(crate) revision: Revision,
    pub(crate) answer: AddrList,
    pub(crate) recalled: Option<Box<Recalled>>,
}

impl Remembered {
    /// What a change of this revision keeps
    pub(crate) fn new(kept: &TokenKept, revision: Revision) -> Self {
        let recalled = Recalled { task: kept.task, primary: kept.primary };
        let told = recalled != Recalled::default();
        Self {
            until: kept.until,
            request: kept.request,
            revision,
            answer: kept.answer.clone(),
            recalled: told.then(|| Box::new(recalled)),
        }
    }
}

/// Every token whose time had not come at the last event
// INVARIANT: `due` has the deadline of every record.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    records: Table<Token, Remembered>,
    due: BTreeSet<(Timestamp, Ix<Remembered>)>,
}

impl Tokens {
    pub(super) const fn new(seeded: Seeded) -> Self {
        Self { records: Table::new(seeded), due: BTreeSet::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// What is kept under a token at a time
    pub(crate) fn get(&self, token: &Token, at: Timestamp) -> Option<&Remembered> {
        let found = self.records.get(self.records.find(token)?)?;
        (found.until > at).then_some(found)
    }

    /// Every record, by rising token; costs a sort
    pub(crate) fn sorted(&self) -> impl ExactSizeIterator<Item = (Token, &Remembered)> {
        self.records.sorted().into_iter().map(|(_, token, kept)| (token, kept))
    }

    /// The earliest deadline
    pub(crate) fn first_due(&self) -> Option<Timestamp> {
        self.due.first().map(|&(at, _)| at)
    }

    /// How many have had their time by now
    pub(crate) fn due(&self, at: Timestamp) -> usize {
        self.due.iter().take_while(|&&(deadline, _)| deadline <= at).count()
    }

    pub(super) fn insert(&mut self, token: Token, kept: Remembered) {
        let until = kept.until;
        let ix = self.records.insert(token, kept);
        self.due.insert((until, ix));
    }

    /// Drops those whose time has come
    pub(super) fn sweep(&mut self, at: Timestamp) {
        while let Some(&(deadline, ix)) = self.due.first() {
            if deadline > at {
                return;
            }
            self.due.pop_first();
            self.records.remove(ix);
        }
    }

    /// What is wrong with the tokens, if anything
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        if let Some(what) = self.records.corruption() {
            return Some(what);
        }
        let known = |(ix, _, kept): (Ix<Remembered>, Token, &Remembered)| {
            self.due.contains(&(kept.until, ix))
        };
        let all = self.due.len() == self.records.len() && self.records.iter().all(known);
        (!all).then_some("a token's deadline is not known")
    }
}
