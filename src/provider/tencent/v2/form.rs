//! Reading name/value pairs: parameters that come once, and items that are numbered

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::provider::read::Flaw;
use crate::provider::words::{Quoted, beginning};

/// The names that a request's parameters have
///
/// Those of other names are ignored, and may come twice.
pub(super) struct Form<const SINGLES: usize, const FIELDS: usize> {
    /// What comes once
    pub(super) singles: [&'static str; SINGLES],
    /// What the items are called, before their `n`
    pub(super) set: &'static str,
    /// The fields of an item, after its `n`; an empty name is the item itself
    pub(super) fields: [&'static str; FIELDS],
}

/// One numbered item
pub(super) struct Item<'a, const FIELDS: usize> {
    n: &'a str,
    /// Its fields, in the order of [`Form::fields`]
    pub(super) fields: [Option<&'a str>; FIELDS],
}

/// What comes once, and the items in the order of their `n`
type Parameters<'a, const SINGLES: usize, const FIELDS: usize> =
    ([Option<&'a str>; SINGLES], Vec<Item<'a, FIELDS>>);

impl<const SINGLES: usize, const FIELDS: usize> Form<SINGLES, FIELDS> {
    /// Reads parameters, in any order; names and values come percent-decoded
    pub(super) fn read<'a, N: AsRef<str>, V: AsRef<str>>(
        &self,
        pairs: &'a [(N, V)],
    ) -> Result<Parameters<'a, SINGLES, FIELDS>, Flaw> {
        let mut singles = [None; SINGLES];
        // Numbers without leading zeros order by length, then by digits: no `n` is too large.
        let mut items = BTreeMap::<(usize, &str), [Option<&str>; FIELDS]>::new();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            let mut slot = slot(&self.singles, &mut singles, name);
            if slot.is_none() {
                let Some(rest) = self.item(name) else { continue };
                let (n, field) = rest.split_once('.').unwrap_or((rest, ""));
                if n.is_empty() || !n.bytes().all(|byte| byte.is_ascii_digit()) {
                    let wanted = format!("a number, in {}", Quoted(name));
                    return Err(Flaw::spelling(self.set, n, &wanted));
                }
                let n = n.trim_start_matches('0');
                let item = match items.entry((n.len(), n)) {
                    Entry::Occupied(item) => item.into_mut(),
                    Entry::Vacant(item) => item.insert([None; FIELDS]),
                };
                slot = self::slot(&self.fields, item, field);
            }
            if slot.and_then(|slot| slot.replace(value)).is_some() {
                return Err(Flaw::repeated(name));
            }
        }
        let items = items.into_iter().map(|((_, n), fields)| Item { n, fields });
        Ok((singles, items.collect()))
    }

    /// What follows the name of the items, if this is one's
    fn item<'a>(&self, name: &'a str) -> Option<&'a str> {
        let rest = if FIELDS == 0 { None } else { name.strip_prefix(self.set) };
        rest?.strip_prefix('.')
    }

    /// What a message calls a field of an item
    pub(super) fn name(&self, item: &Item<'_, FIELDS>, field: &str) -> String {
        let (n, more) = beginning(if item.n.is_empty() { "0" } else { item.n });
        let point = if field.is_empty() { "" } else { "." };
        format!("{}.{n}{more}{point}{field}", self.set)
    }
}

/// Where the value of this name goes, if it is one of these
fn slot<'s, 'a>(
    names: &[&str],
    slots: &'s mut [Option<&'a str>],
    name: &str,
) -> Option<&'s mut Option<&'a str>> {
    let at = names.iter().position(|&known| known == name)?;
    slots.get_mut(at)
}

/// The parameters that are there: an empty text counts as absent
pub(super) fn write<const COUNT: usize>(singles: [(&str, &str); COUNT]) -> Vec<(String, String)> {
    let given = singles.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
