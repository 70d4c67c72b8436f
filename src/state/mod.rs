//! The tables behind an engine: VPCs, subnets, interfaces, and who has which address

mod commit;
mod equal;
pub(crate) mod interface;
mod overlay;
pub(crate) mod owners;
mod pages;
mod profiles;
mod seeded;
pub(crate) mod subnet;
pub(crate) mod table;
#[cfg(test)]
mod tests;
pub(crate) mod view;
pub(crate) mod vpc;

use crate::id::{InterfaceId, Revision, SubnetId, Timestamp, VpcId};
use interface::Interface;
use profiles::Profiles;
use seeded::Seeded;
use subnet::Subnet;
use table::{Ix, Table};
use vpc::Vpc;

/// Everything an engine knows
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) vpcs: Table<VpcId, Vpc>,
    pub(crate) subnets: Table<SubnetId, Subnet>,
    pub(crate) interfaces: Table<InterfaceId, Interface>,
    /// Those of the subnets
    pub(crate) profiles: Profiles,
    seeded: Seeded,
    pub(crate) revision: Revision,
    pub(crate) clock: Timestamp,
    /// Digest of the history
    pub(crate) digest: u64,
}

/// Where judging found what a command names, so that carrying it out need not hash the ids again
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    pub(crate) interface: Option<(InterfaceId, Ix<Interface>)>,
    pub(crate) subnet: Option<(SubnetId, Ix<Subnet>)>,
}

impl State {
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            vpcs: Table::new(Seeded::new(seed)),
            subnets: Table::new(Seeded::new(seed)),
            interfaces: Table::new(Seeded::new(seed)),
            profiles: Profiles::new(Seeded::new(seed)),
            seeded: Seeded::new(seed),
            revision: Revision::ZERO,
            clock: Timestamp::ZERO,
            digest: 0,
        }
    }
}
