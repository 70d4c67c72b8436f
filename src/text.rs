//! What the one-line forms have in common: lists that are cut short, and what is said only if it is there

use core::fmt;

/// Items of a list that a line has at most: a log is no place for the rest
const MOST: usize = 8;

/// The first items of a list, and how many more there are
pub(crate) struct Few<I>(pub(crate) I);

impl<I: Iterator<Item: fmt::Display> + Clone> fmt::Display for Few<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut items = self.0.clone();
        for (index, item) in items.by_ref().take(MOST).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{item}")?;
        }
        match (self.0.clone().next(), items.count()) {
            (None, _) => f.write_str("nothing"),
            (_, 0) => Ok(()),
            (_, more) => write!(f, " and {more} more"),
        }
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
