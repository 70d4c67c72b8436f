//! Changes that an engine could take, more often than not

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipam_core::event::{
    Assigned, CursorMoved, Drawn, End, Failure, Held, HoldExtended, IndicesSet, InterfaceCreated,
    InterfaceDeleted, LimitsSet, OnExpiry, PolicySet, PrimarySet, Quarantined, QuotaSet,
    RangeReleased, RangeReserved, Released, RestEnded, StatusSet, SubnetCreated, SubnetDeleted,
    SubnetReshaped, TaskFinished, TokenKept, VpcCreated, VpcDeleted,
};
use ipam_core::{
    AddrList, AddrRange, Change, CreateInterface, CreateSubnet, CreateVpc, Engine, Family, Indices,
    InterfaceId, Limits, Policy, Profile, Reservation, Revision, Status, SubnetId, Task, Timestamp,
    VpcId,
};

use crate::model::choices::Choices;

/// VPC `v` with subnets `a` and `b`, and two interfaces at home in `a`
pub(crate) fn start() -> Engine {
    let mut engine = Engine::new();
    let (vpc, subnet) = ("v".parse().unwrap(), id("a"));
    let mut commands = vec![CreateVpc::new(vpc).into()];
    for (subnet, v4, v6) in SUBNETS {
        let mut create = CreateSubnet::new(id(subnet), vpc, Profile::PLAIN);
        create.v4 = v4.parse().ok();
        create.v6 = v6.parse().ok();
        commands.push(create.into());
    }
    commands
        .extend(["e1", "e2"].map(|of| CreateInterface::new(of.parse().unwrap(), subnet).into()));
    for command in &commands {
        engine.execute(Timestamp::ZERO, command).unwrap();
    }
    engine
}

const SUBNETS: [(&str, &str, &str); 2] =
    [("a", "10.0.0.0/28", "2001:db8::/64"), ("b", "10.0.1.0/28", "")];
const INTERFACES: [&str; 3] = ["e1", "e2", "e3"];

fn id(subnet: &str) -> SubnetId {
    subnet.parse().unwrap()
}

/// Where a change is to go
pub(crate) struct Forge<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) at: Timestamp,
    pub(crate) tasks: &'a [Task],
    /// Index that no task of the event has yet
    pub(crate) index: u32,
}

impl Forge<'_> {
    pub(crate) fn change(&self, choices: &mut Choices<'_>) -> Change {
        let vpc: VpcId = choices.of(&["v", "v", "v", "w"]).parse().unwrap();
        let interface = self.interface(choices);
        let subnet = id(choices.of(&["a", "a", "b"]));
        match choices.below(53) {
            0..=3 => {
                let addresses = self.vacant(choices, subnet);
                Change::Assigned(Assigned { interface, subnet, addresses })
            }
            4..=5 => {
                let (subnet, addresses) = self.assigned(choices, interface);
                Change::Released(Released { interface, subnet, addresses })
            }
            6..=9 => {
                let (subnet, addresses) = self.assigned(choices, interface);
                let (until, reason) = (self.soon(choices), reason(choices));
                let of = Quarantined { interface, subnet, addresses, until, reason };
                Change::Quarantined(of.into())
            }
            10..=12 => {
                let addresses = self.resting(choices, subnet);
                Change::RestEnded(RestEnded { subnet, addresses })
            }
            13..=17 => Change::Held(self.held(choices, interface, subnet).into()),
            18..=22 => Change::TaskFinished(self.finished(choices).into()),
            23..=24 => {
                let (_, addresses) = self.assigned(choices, interface);
                Change::PrimarySet(PrimarySet {
                    interface,
                    address: addresses.iter().next().unwrap(),
                })
            }
            49..=50 => Change::VpcDeleted(VpcDeleted { vpc }),
            25 => Change::VpcCreated(VpcCreated { vpc, cidrs: vec![] }),
            26..=27 => {
                let mut absent = SUBNETS.to_vec();
                absent.retain(|(subnet, ..)| self.engine.subnet(id(subnet)).is_none());
                let none = absent.is_empty() || choices.one_in(8);
                let (subnet, v4, v6) = choices.of(if none { &SUBNETS } else { &absent });
                let (v4, v6) = (v4.parse().ok(), v6.parse().ok());
                let profile = Box::new(choices.of(&[Profile::PLAIN, Profile::AWS]));
                Change::SubnetCreated(SubnetCreated { subnet: id(subnet), vpc, v4, v6, profile })
            }
            28 | 51..=52 => Change::SubnetDeleted(SubnetDeleted { subnet }),
            29..=30 => {
                let interface = choices.of(&INTERFACES).parse().unwrap();
                let (status, quota) = (Status::Available, None);
                Change::InterfaceCreated(InterfaceCreated { interface, subnet, status, quota })
            }
            31 => Change::InterfaceDeleted(InterfaceDeleted { interface }),
            32..=33 => Change::StatusSet(StatusSet { interface, status: choices.of(&Status::ALL) }),
            34 => Change::QuotaSet(QuotaSet {
                interface,
                quota: choices.of(&[None, Some(0), Some(9)]),
            }),
            35 => {
                let range = any_addresses(choices, subnet).ranges().next().unwrap();
                let kinds = [Reservation::Hard, Reservation::AutoOnly, Reservation::PrefixOnly];
                let kind = choices.of(&kinds);
                Change::RangeReserved(RangeReserved { subnet, range, kind })
            }
            36 => {
                let of = |family| self.engine.reservations(subnet, family).into_iter().flatten();
                let all: Vec<AddrRange> =
                    Family::ALL.into_iter().flat_map(of).map(|of| of.0).collect();
                let any = any_addresses(choices, subnet).ranges().next().unwrap();
                let range = if all.is_empty() { any } else { choices.of(&all) };
                Change::RangeReleased(RangeReleased { subnet, range })
            }
            37 => Change::IndicesSet(IndicesSet {
                subnet,
                indices: choices.of(&[Indices::ALL, Indices::NONE]),
            }),
            40 => Change::PolicySet(PolicySet {
                subnet,
                policy: Box::new(choices.of(&[
                    Policy::LongestReleased,
                    Policy::Next,
                    Policy::Random { seed: 1 },
                    Policy::Lowest,
                    Policy::Dense,
                ])),
            }),
            41 => {
                let address = any_addresses(choices, subnet).iter().next().unwrap();
                Change::CursorMoved(CursorMoved { subnet, address })
            }
            42 => {
                let family = choices.of(&Family::ALL);
                Change::Drawn(Drawn { subnet, family, draws: choices.of(&[0, 1, 15, u64::MAX]) })
            }
            44..=45 => {
                let (task, addresses) = (self.task(choices), self.vacant(choices, subnet));
                Change::HoldExtended(Box::new(HoldExtended { task, subnet, addresses }))
            }
            38 => Change::TokenKept(self.token_kept(choices).into()),
            43 | 46..=48 => self.reshaped(choices, subnet),
            _ if choices.one_in(2) => {
                Change::LimitsSet(LimitsSet { limits: Limits { tokens: 1, ..Limits::DEFAULT } })
            }
            _ => Change::Swept,
        }
    }

    /// A subnet in another shape, mostly one that holds what it has
    fn reshaped(&self, choices: &mut Choices<'_>, subnet: SubnetId) -> Change {
        let v4: &[&str] = match subnet == id("a") {
            true => &["10.0.0.0/28", "10.0.0.0/27", "10.0.0.0/24", "10.0.0.0/29", ""],
            false => &["10.0.1.0/28", "10.0.1.0/24", "10.0.0.0/23", "10.0.1.4/30", "10.0.0.16/28"],
        };
        let v6 = ["2001:db8::/64", "2001:db8::/64", "2001:db8::/48", "2001:db8::/124", ""];
        let mut profile = choices.of(&[Profile::PLAIN, Profile::AWS]);
        profile.v4.gateway = ipam_core::Gateway::Offset(choices.below(16) as u128);
        Change::SubnetReshaped(SubnetReshaped {
            subnet,
            v4: choices.of(v4).parse().ok(),
            v6: choices.of(&v6).parse().ok(),
            profile: Box::new(profile),
        })
    }

    fn held(&self, choices: &mut Choices<'_>, interface: InterfaceId, subnet: SubnetId) -> Held {
        let mut addresses = self.vacant(choices, subnet);
        if choices.one_in(3) {
            addresses.extend(self.vacant(choices, subnet).ranges());
        }
        let rest_millis = choices.of(&[0, 1, 3, 10, u64::MAX]);
        Held {
            index: self.index,
            interface,
            subnet,
            addresses,
            until: self.soon(choices),
            expired: choices.of(&[OnExpiry::Unknown, OnExpiry::Release { rest_millis }]),
            keep_until: self.soon(choices),
            request: choices.of(&[None, Some("request")]).map(|id| id.parse().unwrap()),
        }
    }

    /// A task, mostly one that there is
    fn task(&self, choices: &mut Choices<'_>) -> Task {
        let known: Vec<Task> = self.tasks.iter().rev().take(4).copied().collect();
        if known.is_empty() { Task::new(Revision::ZERO, 7) } else { choices.of(&known) }
    }

    /// The end of a task, mostly one that there is
    fn finished(&self, choices: &mut Choices<'_>) -> TaskFinished {
        let task = self.task(choices);
        let held = self.engine.at(self.at).task(task).map(|of| of.addresses).unwrap_or_default();
        let kept = match choices.below(3) {
            0 => AddrList::new(),
            1 => held.iter().filter(|_| choices.one_in(2)).collect(),
            _ => some_of(choices, id("a"), held.iter().collect()),
        };
        let end = match choices.one_in(3) {
            true => End::Succeeded,
            false => End::Failed { failure: Failure::NotObserved, reason: reason(choices), kept },
        };
        TaskFinished { task, end, until: self.soon(choices), reason: reason(choices) }
    }

    fn token_kept(&self, choices: &mut Choices<'_>) -> TokenKept {
        TokenKept {
            token: choices.of(&["t", "u"]).parse().unwrap(),
            until: self.soon(choices),
            request: 1,
            answer: AddrList::new(),
            task: None,
            primary: None,
        }
    }

    /// An interface, mostly one that there is
    fn interface(&self, choices: &mut Choices<'_>) -> InterfaceId {
        let mut all = INTERFACES.map(|id| id.parse().unwrap()).to_vec();
        if !choices.one_in(8) {
            all.retain(|&id| self.engine.interface(id).is_some());
        }
        if all.is_empty() { INTERFACES[0].parse().unwrap() } else { choices.of(&all) }
    }

    /// A deadline, which is not always after the event
    fn soon(&self, choices: &mut Choices<'_>) -> Timestamp {
        self.at.after(choices.of(&[1, 2, 5, 20, u64::MAX, 0]))
    }

    /// Some of what is free in a subnet, of one family, or of what may be
    fn vacant(&self, choices: &mut Choices<'_>, subnet: SubnetId) -> AddrList {
        if choices.one_in(2) {
            return any_addresses(choices, subnet);
        }
        let free = self.engine.free_ranges(subnet, choices.of(&Family::ALL)).into_iter().flatten();
        let free = free.flat_map(|run| run.iter().take(16)).take(16);
        some_of(choices, subnet, free.collect())
    }

    /// Some of what is assigned to an interface in one subnet and family
    fn assigned(&self, choices: &mut Choices<'_>, interface: InterfaceId) -> (SubnetId, AddrList) {
        let all = self.engine.addresses(interface).into_iter().flatten();
        let all: Vec<(SubnetId, IpAddr)> =
            all.filter(|of| !of.held).map(|of| (of.subnet, of.address)).collect();
        if all.is_empty() {
            return (id("a"), any_addresses(choices, id("a")));
        }
        let (subnet, one) = choices.of(&all);
        let beside = |of: &&(SubnetId, IpAddr)| of.0 == subnet && of.1.is_ipv4() == one.is_ipv4();
        let there = all.iter().filter(beside).map(|&(_, address)| address).collect();
        (subnet, some_of(choices, subnet, there))
    }

    /// Some of what rests in a subnet, of one family
    fn resting(&self, choices: &mut Choices<'_>, subnet: SubnetId) -> AddrList {
        let family = choices.of(&Family::ALL);
        let there = self.engine.quarantine(subnet, family).into_iter().flatten();
        some_of(choices, subnet, there.map(|of| of.address).collect())
    }
}

fn reason(choices: &mut Choices<'_>) -> Option<ipam_core::Reason> {
    choices.of(&[None, Some("reason")]).map(|reason| reason.parse().unwrap())
}

/// All of these in their order, a few in any order, or what has nothing to do with them
fn some_of(choices: &mut Choices<'_>, subnet: SubnetId, mut there: Vec<IpAddr>) -> AddrList {
    if there.is_empty() || choices.one_in(8) {
        return any_addresses(choices, subnet);
    }
    if choices.one_in(3) {
        return there.into_iter().collect();
    }
    let few = 1 + choices.below(6).min(there.len() - 1);
    (0..few).map(|_| there.swap_remove(choices.below(there.len()))).collect()
}

/// A few runs, in any order, of what is mostly the subnet's; some repeat or touch, some lie far apart
fn any_addresses(choices: &mut Choices<'_>, subnet: SubnetId) -> AddrList {
    let (v4, v6) = match (subnet == id("a")) ^ choices.one_in(8) {
        true => (0x0a00_0000, choices.one_in(2)),
        false => (0x0a00_0100, false),
    };
    let above = match choices.below(4) {
        0 => choices.u128() >> 64,
        1 => 0xabc_0000_0000,
        _ => 0,
    };
    let address = |offset: u8| match v6 {
        true => Ipv6Addr::from((0x2001_0db8_u128 << 96) + above + u128::from(offset)).into(),
        false => IpAddr::from(Ipv4Addr::from(v4 + u32::from(offset))),
    };
    let mut addresses = AddrList::new();
    for _ in 0..=choices.below(3) {
        let first = choices.byte() % 16;
        let last = first + choices.of(&[0, 0, 1, 2]);
        addresses.extend([AddrRange::new(address(first), address(last)).unwrap()]);
    }
    addresses
}
