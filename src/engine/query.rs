//! Questions about the state; none changes anything

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{Engine, assign};
use crate::error::Cause;
use crate::id::{InterfaceId, Revision, SubnetId, Timestamp, VpcId};
use crate::rules::Profile;
use crate::space::address::Family;
use crate::space::index::Indices;
use crate::space::range::AddrRange;
use crate::state::interface::{Holding, Interface};
use crate::state::subnet::{Block, Subnet};
use crate::state::table::Ix;
use crate::state::view::View;
use crate::status::Status;

/// What an address is to the interface that has it
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Role {
    /// Its one primary address of that family
    Primary,
    /// Any other
    Secondary,
}

/// Who has an address
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Holder {
    /// The interface
    pub interface: InterfaceId,
    /// The subnet that the address lies in
    pub subnet: SubnetId,
    /// What it is to the interface
    pub role: Role,
    /// The revision that assigned it
    pub generation: Revision,
}

/// One address that an interface has
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Assignment {
    /// The address
    pub address: IpAddr,
    /// The subnet that it lies in
    pub subnet: SubnetId,
    /// What it is to the interface
    pub role: Role,
    /// The revision that assigned it
    pub generation: Revision,
}

/// An interface as it stands
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct InterfaceInfo {
    /// Its VPC
    pub vpc: VpcId,
    /// Its home subnet
    pub subnet: SubnetId,
    /// Its state
    pub status: Status,
    /// Its quota in slots; `None` is without limit
    pub quota: Option<u32>,
    /// Its primary IPv4 address
    pub primary_v4: Option<Ipv4Addr>,
    /// Its primary IPv6 address
    pub primary_v6: Option<Ipv6Addr>,
    /// IPv4 addresses that it has, the primary included
    pub count_v4: u64,
    /// IPv6 addresses that it has, the primary included
    pub count_v6: u64,
}

/// A subnet as it stands
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubnetInfo {
    /// Its VPC
    pub vpc: VpcId,
    /// Its IPv4 addresses
    pub v4: Option<Ipv4Net>,
    /// Its IPv6 addresses
    pub v6: Option<Ipv6Net>,
    /// Its rules
    pub profile: Profile,
    /// The indices that it keeps
    pub indices: Indices,
    /// Interfaces whose home it is
    pub interfaces: u64,
}

/// How much of a subnet is used, by family
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Usage {
    /// When this is so: the time asked for, clamped to that of the last event
    pub at: Timestamp,
    /// Of its IPv4 addresses
    pub v4: Option<FamilyUsage>,
    /// Of its IPv6 addresses
    pub v6: Option<FamilyUsage>,
}

/// Counts of addresses of one family: `total = structural + reserved + assigned + free`
///
/// Only all of ::/0, 2^128 addresses, is one more than can be counted: it saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FamilyUsage {
    /// All there are
    pub total: u128,
    /// Withheld by the profile's rules
    pub structural: u128,
    /// Withheld by reserved ranges, and neither structural nor assigned
    pub reserved: u128,
    /// Assigned
    pub assigned: u128,
    /// Left to assign
    pub free: u128,
}

impl FamilyUsage {
    /// What the rules and reserved ranges leave to be assigned, assigned or not
    pub const fn capacity(&self) -> u128 {
        self.free.saturating_add(self.assigned)
    }
}

/// Why an address would or would not be given, and whose it is
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Explanation {
    /// When this is so: the time asked for, clamped to that of the last event
    pub at: Timestamp,
    /// The subnet that the address lies in
    pub subnet: Option<SubnetId>,
    /// Who has it
    pub holder: Option<Holder>,
    /// Everything that keeps it from being given, in order of precedence; empty if nothing does
    pub causes: Vec<Cause>,
}

impl Explanation {
    /// Whether the address would be given to an interface that asks, quota and state permitting
    pub fn is_free(&self) -> bool {
        self.causes.is_empty()
    }
}

impl Engine {
    /// Events applied so far
    ///
    /// ```
    /// use ipam_core::{Engine, Revision};
    ///
    /// assert_eq!(Engine::new().revision(), Revision::ZERO);
    /// ```
    pub const fn revision(&self) -> Revision {
        self.state.revision
    }

    /// Time of the last event
    ///
    /// ```
    /// use ipam_core::{Command, Engine, Timestamp};
    ///
    /// let mut engine = Engine::new();
    /// let command = Command::CreateVpc { vpc: "vpc-1".parse()?, cidrs: vec![] };
    /// engine.execute(Timestamp::from_millis(7), &command)?;
    /// assert_eq!(engine.clock(), Timestamp::from_millis(7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn clock(&self) -> Timestamp {
        self.state.clock
    }

    /// Digest of the history: that of the last event, 0 before the first
    ///
    /// Replicas that agree on it have applied the same events. The same on every platform.
    ///
    /// ```
    /// assert_eq!(ipam_core::Engine::new().digest(), 0);
    /// ```
    pub const fn digest(&self) -> u64 {
        self.state.digest
    }

    /// The VPCs, by rising id; costs a sort
    ///
    /// ```
    /// # use ipam_core::{Command, Engine, Timestamp};
    /// let mut engine = Engine::new();
    /// for vpc in ["vpc-2", "vpc-1"] {
    ///     let command = Command::CreateVpc { vpc: vpc.parse()?, cidrs: vec![] };
    ///     engine.execute(Timestamp::ZERO, &command)?;
    /// }
    /// let vpcs: Vec<_> = engine.vpcs().map(|vpc| vpc.to_string()).collect();
    /// assert_eq!(vpcs, ["vpc-1", "vpc-2"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn vpcs(&self) -> impl ExactSizeIterator<Item = VpcId> + use<> {
        ascending(self.state.vpcs.iter().map(|(_, id, _)| id))
    }

    /// Where the subnets of a VPC may lie, as it was created; empty for anywhere
    ///
    /// ```
    /// # use ipam_core::{Command, Engine, Timestamp};
    /// let mut engine = Engine::new();
    /// let vpc = "vpc-1".parse()?;
    /// let cidrs = vec!["10.0.0.0/8".parse()?];
    /// engine.execute(Timestamp::ZERO, &Command::CreateVpc { vpc, cidrs: cidrs.clone() })?;
    /// assert_eq!(engine.vpc_cidrs(vpc), Some(cidrs.as_slice()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn vpc_cidrs(&self, vpc: VpcId) -> Option<&[IpNet]> {
        Some(&self.state.vpcs.get(self.state.vpcs.find(&vpc)?)?.cidrs)
    }

    /// The subnets of a VPC, by rising id; none for a VPC that does not exist; costs a sort of them
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// assert_eq!(engine.subnets(vpc).collect::<Vec<_>>(), [subnet]);
    /// ```
    pub fn subnets(&self, vpc: VpcId) -> impl ExactSizeIterator<Item = SubnetId> + use<> {
        let found = self.state.vpcs.find(&vpc).and_then(|ix| self.state.vpcs.get(ix));
        let of_family = |family| found.into_iter().flat_map(move |of| of.subnets.iter(family));
        let subnets = of_family(Family::V4).chain(of_family(Family::V6));
        ascending(subnets.filter_map(|(_, ix)| self.state.subnets.id(ix)))
    }

    /// The interfaces of a VPC, by rising id; none for a VPC that does not exist
    ///
    /// Costs a look at every interface of the engine, and a sort of those found.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// assert_eq!(engine.interfaces(vpc).collect::<Vec<_>>(), [eni]);
    /// ```
    pub fn interfaces(&self, vpc: VpcId) -> impl ExactSizeIterator<Item = InterfaceId> + use<> {
        let ix = self.state.vpcs.find(&vpc);
        let vpc_of = |home| self.state.subnets.get(home).map(|home: &Subnet| home.vpc);
        let interfaces = self.state.interfaces.iter();
        let of_vpc = interfaces.filter(|(.., found)| ix.is_some() && vpc_of(found.home) == ix);
        ascending(of_vpc.map(|(_, id, _)| id))
    }

    /// A subnet as it stands
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let info = engine.subnet(subnet).unwrap();
    /// assert_eq!(info.v4, Some("10.0.0.0/24".parse().unwrap()));
    /// assert_eq!(info.interfaces, 1);
    /// ```
    pub fn subnet(&self, subnet: SubnetId) -> Option<SubnetInfo> {
        let subnet = self.state.subnets.get(self.state.subnets.find(&subnet)?)?;
        let cidr = |family| subnet.block(family).and_then(Block::cidr);
        Some(SubnetInfo {
            vpc: self.state.vpcs.id(subnet.vpc)?,
            v4: match cidr(Family::V4) {
                Some(IpNet::V4(cidr)) => Some(cidr),
                _ => None,
            },
            v6: match cidr(Family::V6) {
                Some(IpNet::V6(cidr)) => Some(cidr),
                _ => None,
            },
            profile: *subnet.profile,
            indices: subnet.indices(),
            interfaces: subnet.homes.into(),
        })
    }

    /// An interface as it stands
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let info = engine.interface(eni).unwrap();
    /// assert_eq!((info.vpc, info.subnet, info.count_v4), (vpc, subnet, 2));
    /// assert_eq!(info.status, Status::Available);
    /// ```
    pub fn interface(&self, interface: InterfaceId) -> Option<InterfaceInfo> {
        let (_, found) = self.find_interface(interface)?;
        let home = self.state.subnets.get(found.home)?;
        Some(InterfaceInfo {
            vpc: self.state.vpcs.id(home.vpc)?,
            subnet: self.state.subnets.id(found.home)?,
            status: found.status,
            quota: found.quota(),
            primary_v4: match found.primary(Family::V4) {
                Some(IpAddr::V4(address)) => Some(address),
                _ => None,
            },
            primary_v6: match found.primary(Family::V6) {
                Some(IpAddr::V6(address)) => Some(address),
                _ => None,
            },
            count_v4: found.held.v4,
            count_v6: found.held.v6,
        })
    }

    /// Who has an address of a VPC
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let holder = engine.owner(vpc, "10.0.0.4".parse().unwrap()).unwrap();
    /// assert_eq!((holder.interface, holder.role), (eni, Role::Primary));
    /// assert_eq!(engine.owner(vpc, "10.0.0.9".parse().unwrap()), None);
    /// ```
    pub fn owner(&self, vpc: VpcId, address: IpAddr) -> Option<Holder> {
        let (subnet, block, offset) = self.locate(vpc, address)?;
        self.holder(subnet, block, offset)
    }

    /// The addresses of an interface: by subnet and family, each in order of assignment
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let all = engine.addresses(eni).unwrap();
    /// let all: Vec<_> = all.map(|of| (of.address.to_string(), of.role)).collect();
    /// assert_eq!(all, [("10.0.0.4".into(), Role::Primary), ("10.0.0.5".into(), Role::Secondary)]);
    /// ```
    pub fn addresses(
        &self,
        interface: InterfaceId,
    ) -> Option<impl Iterator<Item = Assignment> + '_> {
        let (_, found) = self.find_interface(interface)?;
        let mut holdings: Vec<(SubnetId, &Holding)> = found
            .holdings()
            .iter()
            .filter_map(|held| Some((self.state.subnets.id(held.subnet())?, held)))
            .collect();
        holdings.sort_unstable_by_key(|&(id, held)| (id, held.family()));
        Some(holdings.into_iter().flat_map(move |(subnet, held)| {
            let block =
                self.state.subnets.get(held.subnet()).and_then(|of| of.block(held.family()));
            block.into_iter().flat_map(move |block| {
                block.owners.iter(held.list).map(move |(offset, generation)| {
                    let address = block.address(offset);
                    Assignment { address, subnet, role: role(found, address), generation }
                })
            })
        }))
    }

    /// How much of a subnet is used: every counter, at no cost
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let usage = engine.usage(Timestamp::ZERO, subnet).unwrap().v4.unwrap();
    /// assert_eq!((usage.total, usage.structural, usage.assigned), (256, 5, 2));
    /// assert_eq!(usage.free, 249);
    /// ```
    pub fn usage(&self, now: Timestamp, subnet: SubnetId) -> Option<Usage> {
        let subnet = self.state.subnets.get(self.state.subnets.find(&subnet)?)?;
        let of = |family| Some(usage(subnet.block(family)?));
        Some(Usage { at: self.at(now), v4: of(Family::V4), v6: of(Family::V6) })
    }

    /// The ranges of a subnet that are left to assign, in order, each as long as can be
    ///
    /// `None` if there is no such subnet, or it has no addresses of `family`.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let free: Vec<_> = engine.free_ranges(subnet, Family::V4).unwrap().collect();
    /// assert_eq!(free, [AddrRange::new("10.0.0.6".parse()?, "10.0.0.254".parse()?)?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn free_ranges(
        &self,
        subnet: SubnetId,
        family: Family,
    ) -> Option<impl Iterator<Item = AddrRange> + '_> {
        let block = self.block(subnet, family)?;
        Some(block.space.free_runs(block.space.whole()).map(|run| block.range(run)))
    }

    /// The reserved ranges of a subnet, in order
    ///
    /// `None` if there is no such subnet, or it has no addresses of `family`.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let range = AddrRange::new("10.0.0.200".parse()?, "10.0.0.209".parse()?)?;
    /// engine.execute(Timestamp::ZERO, &Command::ReserveRange { subnet, range })?;
    /// assert_eq!(engine.reservations(subnet, Family::V4).unwrap().collect::<Vec<_>>(), [range]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reservations(
        &self,
        subnet: SubnetId,
        family: Family,
    ) -> Option<impl Iterator<Item = AddrRange> + '_> {
        let block = self.block(subnet, family)?;
        Some(block.space.reservations().map(|range| block.range(range)))
    }

    /// The address of a subnet so far above its first: offset 0 is the first itself
    ///
    /// `None` beyond the subnet's end, or if there is no such subnet and family.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// assert_eq!(engine.nth(subnet, Family::V4, 255), Some("10.0.0.255".parse().unwrap()));
    /// assert_eq!(engine.nth(subnet, Family::V4, 256), None);
    /// ```
    pub fn nth(&self, subnet: SubnetId, family: Family, offset: u128) -> Option<IpAddr> {
        let block = self.block(subnet, family)?;
        block.space.whole().contains(offset).then(|| block.address(offset))
    }

    /// Why an address of a VPC would or would not be given, and whose it is
    ///
    /// An address in no subnet of the VPC is out of range, and so is any of a VPC that does not exist.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let now = Timestamp::ZERO;
    /// let taken = engine.explain(now, vpc, "10.0.0.4".parse().unwrap());
    /// assert_eq!(taken.causes, [Cause::InUse { by: eni }]);
    /// let gateway = engine.explain(now, vpc, "10.0.0.1".parse().unwrap());
    /// assert_eq!(gateway.causes, [Cause::Gateway]);
    /// assert!(engine.explain(now, vpc, "10.0.0.9".parse().unwrap()).is_free());
    /// ```
    pub fn explain(&self, now: Timestamp, vpc: VpcId, address: IpAddr) -> Explanation {
        let at = self.at(now);
        let view = View::new(&self.state);
        let located = self.locate(vpc, address).and_then(|(subnet, block, offset)| {
            let seen = view.block(subnet, block.family)?;
            let causes = assign::blocked(&view, &seen, offset, seen.holder(offset)).collect();
            let holder = self.holder(subnet, block, offset);
            Some(Explanation { at, subnet: self.state.subnets.id(subnet), holder, causes })
        });
        let causes = || alloc::vec![Cause::OutOfRange];
        located.unwrap_or_else(|| Explanation { at, subnet: None, holder: None, causes: causes() })
    }

    fn at(&self, now: Timestamp) -> Timestamp {
        now.max(self.state.clock)
    }

    fn find_interface(&self, id: InterfaceId) -> Option<(Ix<Interface>, &Interface)> {
        let ix = self.state.interfaces.find(&id)?;
        Some((ix, self.state.interfaces.get(ix)?))
    }

    pub(super) fn block(&self, subnet: SubnetId, family: Family) -> Option<&Block> {
        self.state.subnets.get(self.state.subnets.find(&subnet)?)?.block(family)
    }

    fn locate(&self, vpc: VpcId, address: IpAddr) -> Option<(Ix<Subnet>, &Block, u128)> {
        let subnet = View::new(&self.state).subnet_at(self.state.vpcs.find(&vpc)?, address)?;
        let block = self.state.subnets.get(subnet)?.block(Family::of(address))?;
        Some((subnet, block, block.offset(address)?))
    }

    fn holder(&self, subnet: Ix<Subnet>, block: &Block, offset: u128) -> Option<Holder> {
        let (owner, generation) = block.owners.get(offset)?;
        let interface = self.state.interfaces.id(owner)?;
        let role = role(self.state.interfaces.get(owner)?, block.address(offset));
        Some(Holder { interface, subnet: self.state.subnets.id(subnet)?, role, generation })
    }
}

/// Each id once, sorted
fn ascending<T: Ord>(ids: impl Iterator<Item = T>) -> alloc::vec::IntoIter<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter()
}

fn role(interface: &Interface, address: IpAddr) -> Role {
    let primary = interface.primary(Family::of(address)) == Some(address);
    if primary { Role::Primary } else { Role::Secondary }
}

fn usage(block: &Block) -> FamilyUsage {
    let space = &block.space;
    FamilyUsage {
        total: space.whole().count(),
        structural: space.structural(),
        reserved: space.withheld(),
        assigned: space.taken(),
        free: space.free(),
    }
}
