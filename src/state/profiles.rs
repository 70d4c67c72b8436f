//! The profiles of an engine's subnets, each kept once however many subnets have it

use alloc::sync::Arc;

use hashbrown::HashTable;

use super::seeded::Seeded;
use crate::rules::Profile;

/// Every profile in use
// INVARIANT: each entry counts the subnets that have it, at least one; no two are equal.
#[derive(Clone, Debug)]
pub(crate) struct Profiles {
    entries: HashTable<Entry>,
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
        Self { entries: HashTable::new(), seeded }
    }

    /// Profiles in use
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The one copy of a profile, for one more subnet
    pub(crate) fn share(&mut self, profile: &Profile) -> Arc<Profile> {
        let Self { entries, seeded } = self;
        let hash = seeded.hash(profile);
        let entry = entries
            .entry(hash, |of| *of.profile == *profile, |of| seeded.hash(&*of.profile))
            .or_insert_with(|| Entry { profile: Arc::new(*profile), uses: 0 })
            .into_mut();
        entry.uses = entry.uses.saturating_add(1);
        Arc::clone(&entry.profile)
    }

    /// Forgets a subnet that has the profile, and the profile with the last of them
    pub(crate) fn release(&mut self, profile: &Profile) {
        let Self { entries, seeded } = self;
        let found = entries.find_entry(seeded.hash(profile), |of| *of.profile == *profile);
        let Ok(mut entry) = found else { return };
        match entry.get().uses.checked_sub(1) {
            None | Some(0) => {
                entry.remove();
                entries.shrink_to(entries.len().saturating_mul(4), |of| seeded.hash(&*of.profile));
            }
            Some(uses) => entry.get_mut().uses = uses,
        }
    }

    /// What is wrong, given the profile of every subnet, if anything
    pub(crate) fn corruption<'a>(
        &self,
        subnets: impl Iterator<Item = &'a Arc<Profile>>,
    ) -> Option<&'static str> {
        let mut left = self.clone();
        for profile in subnets {
            let same = |of: &Entry| Arc::ptr_eq(&of.profile, profile);
            if left.entries.find(left.seeded.hash(&**profile), same).is_none() {
                return Some("a subnet's profile is not shared");
            }
            left.release(profile);
        }
        (!left.entries.is_empty()).then_some("a profile is kept that no subnet has")
    }
}
