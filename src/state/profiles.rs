//! The profiles of an engine's subnets, each kept once however many subnets have it

use triomphe::Arc;

use super::pages::Pages;
use super::seeded::Seeded;
use crate::rules::Profile;
use crate::shared::ids::Ids;

/// Every profile in use
// INVARIANT: each entry counts the subnets that have it, at least one; no two are equal; `index` has the number of
// each, by its hash.
#[derive(Clone, Debug)]
pub(crate) struct Profiles {
    index: Ids,
    entries: Pages<Entry>,
    seeded: Seeded,
}

/// A profile, and how many subnets have it: clones of an engine share it, so its own count would not do
#[derive(Clone, Debug)]
struct Entry {
    profile: Arc<Profile>,
    uses: u32,
}

impl Profiles {
    pub(crate) const fn new(seeded: Seeded) -> Self {
        Self { index: Ids::new(), entries: Pages::new(), seeded }
    }

    /// Profiles in use
    pub(crate) const fn len(&self) -> usize {
        self.index.len()
    }

    /// The one copy of a profile, for one more subnet
    pub(crate) fn share(&mut self, profile: &Profile) -> Arc<Profile> {
        let (hash, number) = self.find(profile);
        if let Some(entry) = number.and_then(|number| self.entries.get_mut(number)) {
            entry.uses = entry.uses.saturating_add(1);
            return Arc::clone(&entry.profile);
        }
        let shared = Arc::new(*profile);
        let number = self.entries.insert(Entry { profile: Arc::clone(&shared), uses: 1 });
        let Self { index, entries, seeded } = self;
        index.insert(hash, number, |number| rehash(entries, seeded, number));
        shared
    }

    /// Forgets a subnet that has the profile, and the profile with the last of them
    pub(crate) fn release(&mut self, profile: &Profile) {
        let (hash, Some(number)) = self.find(profile) else { return };
        let Some(entry) = self.entries.get_mut(number) else { return };
        entry.uses = entry.uses.saturating_sub(1);
        if entry.uses == 0 {
            let Self { index, entries, seeded } = self;
            index.remove(hash, number, |number| rehash(entries, seeded, number));
            entries.remove(number);
        }
    }

    /// The hash of a profile, and the number of its entry if there is one
    fn find(&self, profile: &Profile) -> (u64, Option<u32>) {
        let hash = self.seeded.hash(profile);
        let is = |number| self.entries.get(number).is_some_and(|of| *of.profile == *profile);
        (hash, self.index.find(hash, is))
    }

    /// What is wrong, given the profile of every subnet, if anything
    pub(crate) fn corruption<'a>(
        &self,
        subnets: impl Iterator<Item = &'a Arc<Profile>>,
    ) -> Option<&'static str> {
        let mut left = self.clone();
        for profile in subnets {
            let entry = left.find(profile).1.and_then(|number| left.entries.get(number));
            if !entry.is_some_and(|of| Arc::ptr_eq(&of.profile, profile)) {
                return Some("a subnet's profile is not shared");
            }
            left.release(profile);
        }
        (left.len() > 0).then_some("a profile is kept that no subnet has")
    }
}

fn rehash(entries: &Pages<Entry>, seeded: &Seeded, number: u32) -> u64 {
    entries.get(number).map_or(0, |of| seeded.hash(&*of.profile))
}
