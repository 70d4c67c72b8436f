//! Profiles as bytes: every field in order, numbers as numbers, choices as tags

use alloc::vec::Vec;

use super::fields::{choices, structs};
use super::reader::{Read, Reader};
use super::value::Coded;
use crate::error::Flaw;
use crate::rules::{
    FamilyRules, FreeAddress, Gateway, ListAndCount, OwnAddress, Policy, Profile, Quarantine,
    QuotaRule, SmallSubnet,
};
use crate::status::{Status, Statuses};

structs! {
    Profile {
        v4 v6 list_and_count own_address free_address assign_primary unassign_primary quota assign_in
        quarantine replace_primary one_task
    }
    FamilyRules { first last gateway small shortest_prefix longest_prefix }
    Quarantine { millis: number take_back when_exhausted }
    QuotaRule { per_family counts_primary }
}

choices! {
    Gateway {
        0 None
        1 Offset(offset)
        2 FromLast(below)
        3 At(address)
    }
    Policy {
        0 Lowest
        1 Next
        2 From { offset }
        3 Random { seed }
        4 LongestReleased
        5 Dense
        6 Sparse
    }
    SmallSubnet { 0 Withhold 1 Keep }
    ListAndCount { 0 Refuse 1 ListWins 2 Both }
    OwnAddress { 0 Refuse 1 Accept }
    FreeAddress { 0 Refuse 1 Ignore }
}

/// A bit each
impl Coded for Statuses {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.bits());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let bits = from.byte()?;
        let states: Vec<Status> =
            Status::ALL.into_iter().filter(|&state| bits & (1 << state as u8) != 0).collect();
        let set = Self::of(&states);
        from.demand(set.bits() == bits, Flaw::Tag)?;
        Ok(set)
    }
}
