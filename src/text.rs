//! What the one-line forms have in common: lists that are cut short, and what is said only if it is there

use core::fmt;

/// Items of a list that a line has at most: a log is no place for the rest
const MOST: usize = 8;

/// The first items of a list, and how many more there are
pub(crate) struct Few<I>(pub(crate) I);

impl<I: Iterator<Item: fmt::Display> + Clone> fmt::Display for Few<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match write_first(f, ", ", self.0.clone())? {
            (0, _) => f.write_str("nothing"),
            (_, 0) => Ok(()),
            (_, more) => write!(f, " and {more} more"),
        }
    }
}

/// The same of items that have commas of their own
pub(crate) struct FewPhrases<I>(pub(crate) I);

impl<I: Iterator<Item: fmt::Display> + Clone> fmt::Display for FewPhrases<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match write_first(f, "; ", self.0.clone())? {
            (_, 0) => Ok(()),
            (_, more) => write!(f, "; and {more} more"),
        }
    }
}

/// Writes the first of these; how many those are, and how many more there are
fn write_first(
    f: &mut fmt::Formatter<'_>,
    between: &str,
    mut items: impl Iterator<Item: fmt::Display>,
) -> Result<(usize, usize), fmt::Error> {
    let mut written = 0usize;
    for item in items.by_ref().take(MOST) {
        if written > 0 {
            f.write_str(between)?;
        }
        write!(f, "{item}")?;
        written = written.saturating_add(1);
    }
    Ok((written, items.count()))
}

/// Something between backquotes
pub(crate) struct Quoted<T>(pub(crate) T);

impl<T: fmt::Display> fmt::Display for Quoted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

/// Something after a few words, or nothing at all
pub(crate) struct Maybe<T>(pub(crate) &'static str, pub(crate) Option<T>);

impl<T: fmt::Display> fmt::Display for Maybe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.1 {
            Some(item) => write!(f, "{}{item}", self.0),
            None => Ok(()),
        }
    }
}

/// A few words, if something is so
pub(crate) const fn when(is_so: bool, words: &'static str) -> &'static str {
    if is_so { words } else { "" }
}
