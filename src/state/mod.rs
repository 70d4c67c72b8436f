//! The tables behind an engine: VPCs, subnets, interfaces, and who has which address
//!
//! A state is a value: a clone shares all that neither has written since ([`shared`](crate::shared)). What lies in a
//! page or a node is plain data or a shared pointer itself, so that copying it costs one call of the heap:
//!
//! | what | how copies share it |
//! |---|---|
//! | tables of VPCs, subnets, interfaces, tokens | records in pages of up to 4 KiB, ids in buckets of an index; a long name behind a pointer |
//! | an interface's holdings | the only one in the record; up to 16 in one piece, then a tree |
//! | a subnet's second block, selection, profile | a shared pointer each; equal profiles are one |
//! | a block's owners | nodes in pages of 128, thin while few are in use; far ones and prefixes in a table and a tree |
//! | a block's space | a few words in the record, then pages of a bitmap; what few need (`Extras`) behind one pointer |
//! | its indices `blocks` and `ranks` | aggregates in pages, level by level |
//! | its rests, its order of release | behind a pointer each; records in pages, their order in a tree |
//! | tasks, with the lists that they hold; answers under tokens | a shared pointer each, in trees and a table |
//! | a VPC's CIDRs and the map of its subnets | a shared list, two trees |
//! | what is due | trees by time |

mod change;
pub(crate) mod commit;
mod contents;
mod equal;
pub(crate) mod holdings;
pub(crate) mod index;
pub(crate) mod interface;
pub(crate) mod name;
mod nodes;
pub(crate) mod occupant;
pub(crate) mod owners;
mod pages;
mod prefixes;
mod profiles;
pub(crate) mod quarantine;
pub(crate) mod released;
pub(crate) mod reshape;
mod restore;
mod seeded;
pub(crate) mod selection;
pub(crate) mod subnet;
pub(crate) mod sweep;
pub(crate) mod table;
pub(crate) mod tasks;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;
pub(crate) mod view;
pub(crate) mod vpc;

use smallvec::SmallVec;

use crate::command::Limits;
use crate::id::{InterfaceId, Revision, SubnetId, Timestamp, VpcId};
use crate::shared::tree::Tree;
use index::{BlockKey, Ix};
use interface::Interface;
use profiles::Profiles;
use seeded::Seeded;
use subnet::Subnet;
use table::Table;
use tasks::Tasks;
use tokens::Tokens;
use vpc::Vpc;

/// Everything an engine knows
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) vpcs: Table<VpcId, Vpc>,
    pub(crate) subnets: Table<SubnetId, Subnet>,
    pub(crate) interfaces: Table<InterfaceId, Interface>,
    /// Those of the subnets
    pub(crate) profiles: Profiles,
    pub(crate) tasks: Tasks,
    pub(crate) tokens: Tokens,
    pub(crate) limits: Limits,
    /// The blocks in which something rests, by when the first of it is free
    pub(crate) resting: Tree<(Timestamp, BlockKey), ()>,
    /// Rests ever made, which numbers them
    pub(crate) rested: u64,
    /// The earliest deadline of all
    pub(crate) earliest_deadline: Option<Timestamp>,
    pub(crate) seeded: Seeded,
    pub(crate) revision: Revision,
    pub(crate) clock: Timestamp,
    /// Digest of the history
    pub(crate) digest: u64,
}

/// Where judging found the interface and the subnet of a change, so that neither id is hashed again
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) interface: Ix<InterfaceId>,
    pub(crate) subnet: Ix<SubnetId>,
}

/// Those of the first so many changes of an event
pub(crate) type Places = SmallVec<[Place; 1]>;

impl State {
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            vpcs: Table::new(Seeded::new(seed)),
            subnets: Table::new(Seeded::new(seed)),
            interfaces: Table::new(Seeded::new(seed)),
            profiles: Profiles::new(Seeded::new(seed)),
            tasks: Tasks::new(),
            tokens: Tokens::new(Seeded::new(seed)),
            limits: Limits::DEFAULT,
            resting: Tree::new(),
            rested: 0,
            earliest_deadline: None,
            seeded: Seeded::new(seed),
            revision: Revision::ZERO,
            clock: Timestamp::ZERO,
            digest: 0,
        }
    }
}
