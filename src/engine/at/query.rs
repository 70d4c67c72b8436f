//! Questions about the state; none changes anything

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::engine::Questions;
use crate::id::{InterfaceId, Revision, SubnetId, Timestamp, VpcId};
use crate::rules::{Policy, Profile};
use crate::space::Reservation;
use crate::space::address::Family;
use crate::space::index::Indices;
use crate::space::range::AddrRange;
use crate::state::holdings::Holding;
use crate::state::index::Ix;
use crate::state::interface::Interface;
use crate::state::occupant::{Kind, Occupant};
use crate::state::owners::Unit;
use crate::state::selection::Selection;
use crate::state::subnet::{Block, Subnet};
use crate::state::view::View;
use crate::status::Status;

/// The role of an address on its interface
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Role {
    /// The interface's one primary address of that family
    Primary,
    /// Any other address of the interface
    Secondary,
}

/// The holder of an address
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Holder {
    /// The interface
    pub interface: InterfaceId,
    /// The subnet that the address lies in
    pub subnet: SubnetId,
    /// Its role on the interface
    pub role: Role,
    /// The revision that assigned or held it: its generation
    pub generation: Revision,
    /// Whether it awaits confirmation
    pub held: bool,
    /// The prefix that it belongs to, if any
    pub prefix: Option<IpNet>,
}

/// A prefix that an interface has
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AssignedPrefix {
    /// The prefix
    pub prefix: IpNet,
    /// The subnet that it lies in
    pub subnet: SubnetId,
    /// The revision that assigned or held it: its generation
    pub generation: Revision,
    /// Whether it awaits confirmation
    pub held: bool,
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
    /// Its role on the interface
    pub role: Role,
    /// The revision that assigned or held it: its generation
    pub generation: Revision,
    /// Whether it awaits confirmation
    pub held: bool,
}

/// The present state of an interface
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
    /// Its quota in slots; `None` is unlimited
    pub quota: Option<u32>,
    /// Its primary IPv4 address
    pub primary_v4: Option<Ipv4Addr>,
    /// Its primary IPv6 address
    pub primary_v6: Option<Ipv6Addr>,
    /// IPv4 addresses that it has, the primary included
    pub count_v4: u64,
    /// IPv6 addresses that it has, the primary included
    pub count_v6: u64,
    /// IPv4 prefixes that it has
    pub prefixes_v4: u64,
    /// IPv6 prefixes that it has
    pub prefixes_v6: u64,
}

/// The present state of a subnet
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
    /// The policy by which it chooses
    pub policy: Policy,
    /// Interfaces whose home it is
    pub interfaces: u64,
}

impl Questions {
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
    /// use ipam_core::{Command, CreateVpc, Engine, Timestamp};
    ///
    /// let mut engine = Engine::new();
    /// let command = Command::from(CreateVpc::new("vpc-1".parse()?));
    /// engine.execute(Timestamp::from_millis(7), &command)?;
    /// assert_eq!(engine.clock(), Timestamp::from_millis(7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn clock(&self) -> Timestamp {
        self.state.clock
    }

    /// Digest of the history: that of the last event, 0 before the first
    ///
    /// Replicas with the same digest have applied the same events. It is the same on every platform.
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
    /// # use ipam_core::{Command, CreateVpc, Engine, Timestamp};
    /// let mut engine = Engine::new();
    /// for vpc in ["vpc-2", "vpc-1"] {
    ///     let command = Command::from(CreateVpc::new(vpc.parse()?));
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
    /// `None` if there is no such VPC.
    ///
    /// ```
    /// # use ipam_core::{CreateVpc, Engine, Timestamp};
    /// let mut engine = Engine::new();
    /// let vpc = "vpc-1".parse()?;
    /// let cidrs = ["10.0.0.0/8".parse()?];
    /// engine.execute(Timestamp::ZERO, &CreateVpc::new(vpc).within(cidrs).into())?;
    /// assert_eq!(engine.vpc_cidrs(vpc), Some(cidrs.as_slice()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn vpc_cidrs(&self, vpc: VpcId) -> Option<&[IpNet]> {
        Some(self.state.vpcs.get(self.state.vpcs.find(&vpc)?)?.cidrs())
    }

    /// The subnets of a VPC, by rising id; none for a VPC that does not exist; costs a sort of them
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
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
    #[doc = include_str!("../example.txt")]
    /// assert_eq!(engine.interfaces(vpc).collect::<Vec<_>>(), [eni]);
    /// ```
    pub fn interfaces(&self, vpc: VpcId) -> impl ExactSizeIterator<Item = InterfaceId> + use<> {
        let ix = self.state.vpcs.find(&vpc);
        let vpc_of = |home| self.state.subnets.get(home).map(|home: &Subnet| home.vpc);
        let interfaces = self.state.interfaces.iter();
        let in_vpc = interfaces.filter(|(.., found)| ix.is_some() && vpc_of(found.home) == ix);
        ascending(in_vpc.map(|(_, id, _)| id))
    }

    /// The present state of a subnet
    ///
    /// `None` if there is no such subnet.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
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
            policy: subnet.selection().map_or(Policy::Lowest, |of| of.policy),
            interfaces: subnet.home_interfaces.into(),
        })
    }

    /// The present state of an interface
    ///
    /// `None` if there is no such interface.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let info = engine.interface(eni).unwrap();
    /// assert_eq!((info.vpc, info.subnet, info.count_v4), (vpc, subnet, 2));
    /// assert_eq!(info.status, Status::Available);
    /// ```
    pub fn interface(&self, interface: InterfaceId) -> Option<InterfaceInfo> {
        let (_, found) = self.find_interface(interface)?;
        let (name, home) = self.state.subnets.entry(found.home)?;
        Some(InterfaceInfo {
            vpc: self.state.vpcs.kept(home.vpc)?.id(),
            subnet: name.id(),
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
            count_v4: found.count.v4.addresses().into(),
            count_v6: found.count.v6.addresses().into(),
            prefixes_v4: found.count.v4.prefixes.into(),
            prefixes_v6: found.count.v6.prefixes.into(),
        })
    }

    /// The holder of an address of a VPC
    ///
    /// `None` if nobody has it, which includes an address in quarantine, or if it lies in no subnet of the VPC.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let holder = engine.owner(vpc, "10.0.0.4".parse().unwrap()).unwrap();
    /// assert_eq!((holder.interface, holder.role), (eni, Role::Primary));
    /// assert_eq!(engine.owner(vpc, "10.0.0.9".parse().unwrap()), None);
    /// ```
    pub fn owner(&self, vpc: VpcId, address: IpAddr) -> Option<Holder> {
        let (subnet, block, offset) = self.locate(vpc, address)?;
        holder(&self.view(), subnet, block.family, offset)
    }

    /// The addresses of an interface: by subnet and family, each in order of assignment
    ///
    /// They leave out the addresses of its prefixes, which [`prefixes`](Self::prefixes) lists. `None` if there is no
    /// such interface.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let all = engine.addresses(eni).unwrap();
    /// let all: Vec<_> = all.map(|of| (of.address.to_string(), of.role)).collect();
    /// assert_eq!(all, [("10.0.0.4".into(), Role::Primary), ("10.0.0.5".into(), Role::Secondary)]);
    /// ```
    pub fn addresses(
        &self,
        interface: InterfaceId,
    ) -> Option<impl Iterator<Item = Assignment> + '_> {
        let (_, found) = self.find_interface(interface)?;
        let units = self.units(interface)?.filter(|(_, _, unit, _)| !unit.is_prefix);
        Some(units.map(move |(subnet, block, unit, generation)| {
            let (address, held) = (block.address(unit.span.first), is_held(block, unit));
            Assignment { address, subnet, role: role(found, address), generation, held }
        }))
    }

    /// The prefixes of an interface: by subnet and family, each in order of assignment
    ///
    /// `None` if there is no such interface.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let pick = Pick::any_prefixes(28, 1);
    /// engine.execute(Timestamp::ZERO, &Assign::new(eni, pick).into())?;
    /// let all = engine.prefixes(eni).unwrap();
    /// let all: Vec<_> = all.map(|of| of.prefix.to_string()).collect();
    /// assert_eq!(all, ["10.0.0.16/28"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn prefixes(
        &self,
        interface: InterfaceId,
    ) -> Option<impl Iterator<Item = AssignedPrefix> + '_> {
        let units = self.units(interface)?.filter(|(_, _, unit, _)| unit.is_prefix);
        Some(units.map(|(subnet, block, unit, generation)| {
            let (prefix, held) = (block.prefix(unit.span), is_held(block, unit));
            AssignedPrefix { prefix, subnet, generation, held }
        }))
    }

    /// What an interface has: by subnet and family, each in order of assignment
    fn units(
        &self,
        interface: InterfaceId,
    ) -> Option<impl Iterator<Item = (SubnetId, &Block, Unit, Revision)>> {
        let (_, found) = self.find_interface(interface)?;
        let mut holdings: Vec<(SubnetId, Holding)> = found
            .holdings()
            .filter_map(|held| Some((self.state.subnets.id(held.subnet())?, held)))
            .collect();
        holdings.sort_unstable_by_key(|&(id, held)| (id, held.family()));
        Some(holdings.into_iter().flat_map(move |(subnet, held)| {
            let block =
                self.state.subnets.get(held.subnet()).and_then(|of| of.block(held.family()));
            block.into_iter().flat_map(move |block| {
                let units = block.owners.iter(held.list);
                units.map(move |(unit, generation)| (subnet, block, unit, generation))
            })
        }))
    }

    /// The free ranges of a subnet, in order, each as long as possible
    ///
    /// `None` if there is no such subnet, or it has no addresses of `family`.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
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

    /// The reserved ranges of a subnet, in order, with their kinds
    ///
    /// `None` if there is no such subnet, or it has no addresses of `family`.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let range = AddrRange::new("10.0.0.200".parse()?, "10.0.0.209".parse()?)?;
    /// let kind = Reservation::AutoOnly;
    /// engine.execute(Timestamp::ZERO, &ReserveRange::new(subnet, range).kind(kind).into())?;
    /// let all: Vec<_> = engine.reservations(subnet, Family::V4).unwrap().collect();
    /// assert_eq!(all, [(range, kind)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reservations(
        &self,
        subnet: SubnetId,
        family: Family,
    ) -> Option<impl Iterator<Item = (AddrRange, Reservation)> + '_> {
        let block = self.block(subnet, family)?;
        Some(block.space.reservations().map(|span| {
            let kind = block.space.kind_at(span.first);
            (block.range(span), kind)
        }))
    }

    /// The address at an offset in a subnet: offset 0 is its first address
    ///
    /// `None` beyond the subnet's end, or if there is no such subnet and family.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// assert_eq!(engine.address_at(subnet, Family::V4, 255), Some("10.0.0.255".parse().unwrap()));
    /// assert_eq!(engine.address_at(subnet, Family::V4, 256), None);
    /// ```
    pub fn address_at(&self, subnet: SubnetId, family: Family, offset: u128) -> Option<IpAddr> {
        let block = self.block(subnet, family)?;
        block.space.whole().contains(offset).then(|| block.address(offset))
    }

    /// The address that a subnet with [`Policy::Next`] looks at first when it chooses next
    ///
    /// `None` if it follows another policy, or there is no such subnet and family.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// engine.execute(Timestamp::ZERO, &SetPolicy::new(subnet, Policy::Next).into())?;
    /// let one = Assign::new(eni, Pick::any(1)).into();
    /// assert_eq!(engine.execute(Timestamp::ZERO, &one)?.answer().to_string(), "10.0.0.6");
    /// assert_eq!(engine.cursor(subnet, Family::V4), Some("10.0.0.7".parse().unwrap()));
    /// # Ok::<(), ipam_core::Error>(())
    /// ```
    pub fn cursor(&self, subnet: SubnetId, family: Family) -> Option<IpAddr> {
        let block = self.block(subnet, family)?;
        let selection = self.selection(subnet).filter(|of| of.policy == Policy::Next)?;
        Some(block.address(selection.at(family)))
    }

    /// How many addresses a subnet with [`Policy::Random`] has drawn
    ///
    /// `None` if it follows another policy, or there is no such subnet and family.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let policy = Policy::Random { seed: 7 };
    /// engine.execute(Timestamp::ZERO, &SetPolicy::new(subnet, policy).into())?;
    /// engine.execute(Timestamp::ZERO, &Assign::new(eni, Pick::any(3)).into())?;
    /// assert_eq!(engine.draws(subnet, Family::V4), Some(3));
    /// # Ok::<(), ipam_core::Error>(())
    /// ```
    pub fn draws(&self, subnet: SubnetId, family: Family) -> Option<u64> {
        self.block(subnet, family)?;
        let selection = self.selection(subnet)?;
        let Policy::Random { .. } = selection.policy else { return None };
        u64::try_from(selection.at(family)).ok()
    }

    fn selection(&self, subnet: SubnetId) -> Option<&Selection> {
        self.state.subnets.get(self.state.subnets.find(&subnet)?)?.selection()
    }

    pub(super) fn find_interface(&self, id: InterfaceId) -> Option<(Ix<InterfaceId>, &Interface)> {
        let ix = self.state.interfaces.find(&id)?;
        Some((ix, self.state.interfaces.get(ix)?))
    }

    pub(super) fn block(&self, subnet: SubnetId, family: Family) -> Option<&Block> {
        self.state.subnets.get(self.state.subnets.find(&subnet)?)?.block(family)
    }

    pub(super) fn locate(
        &self,
        vpc: VpcId,
        address: IpAddr,
    ) -> Option<(Ix<SubnetId>, &Block, u128)> {
        let subnet = self.view().subnet_at(self.state.vpcs.find(&vpc)?, address)?;
        let block = self.state.subnets.get(subnet)?.block(Family::of(address))?;
        Some((subnet, block, block.offset(address)?))
    }
}

/// Whether what somebody has is held
fn is_held(block: &Block, unit: Unit) -> bool {
    matches!(block.owners.get(unit.span.first), Some((Occupant::Held(_), _)))
}

/// Each id once, sorted
fn ascending<T: Ord>(ids: impl Iterator<Item = T>) -> alloc::vec::IntoIter<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter()
}

pub(super) fn role(interface: &Interface, address: IpAddr) -> Role {
    let primary = interface.primary(Family::of(address)) == Some(address);
    if primary { Role::Primary } else { Role::Secondary }
}

/// Who has an offset of a block, if an interface has it
pub(super) fn holder(
    view: &View<'_>,
    subnet: Ix<SubnetId>,
    family: Family,
    offset: u128,
) -> Option<Holder> {
    let block = view.block(subnet, family)?;
    let occupant = block.occupant(offset)?;
    let ix = occupant.interface()?;
    Some(Holder {
        interface: view.interface_id(ix)?,
        subnet: view.subnet_id(subnet)?,
        role: role(view.interface(ix)?, block.address(offset)),
        generation: block.generation(offset)?,
        held: occupant.kind() == Kind::Held,
        prefix: block.prefix_at(offset).map(|span| block.prefix(span)),
    })
}
