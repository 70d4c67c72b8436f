//! What makes two commands the same request

use core::net::IpAddr;

use ipnet::IpNet;

use super::{
    Command, Confirm, CreateVpc, DeleteInterface, DeleteSubnet, DeleteVpc, EnsureCount, Expiry,
    Hold, Limits, NewCidr, Pick, Primary, ReleaseRange, ReserveRange, Rest, SetCursor, SetIndices,
    SetLimits, SetPolicy, SetQuota, SetStatus, Source, Wanted, WantedPrefix,
};
use crate::digest::Digest;
use crate::id::{SubnetId, Task, VpcId};
use crate::space::address::Family;

impl Command {
    /// Digest of what is asked for: of retries with deadlines, reasons and a request id of their own the same
    ///
    /// As stable as the history digest, since answers are kept under it: XXH64, seed 0, over little-endian
    /// words of 64 bits; a tag, then every other field, in order.
    pub(crate) fn request_digest(&self) -> u64 {
        let mut digest = Digest::new();
        self.feed(&mut digest);
        digest.finish()
    }

    fn feed(&self, digest: &mut Digest) {
        match self {
            Self::CreateVpc(CreateVpc { vpc, cidrs }) => {
                digest.word(0);
                digest.words(&vpc.words());
                digest.word(cidrs.len() as u64);
                cidrs.iter().for_each(|&cidr| digest.net(cidr));
            }
            Self::DeleteVpc(DeleteVpc { vpc }) => {
                digest.word(1);
                digest.words(&vpc.words());
            }
            Self::CreateSubnet(of) => {
                digest.word(2);
                digest.words(&of.subnet.words());
                digest.words(&of.vpc.words());
                digest.option(of.v4.map(IpNet::V4), Digest::net);
                digest.option(of.v6.map(IpNet::V6), Digest::net);
                digest.profile(&of.profile);
            }
            Self::DeleteSubnet(DeleteSubnet { subnet }) => {
                digest.word(3);
                digest.words(&subnet.words());
            }
            Self::CreateInterface(of) => {
                digest.word(4);
                digest.words(&of.interface.words());
                digest.words(&of.subnet.words());
                digest.word(of.status as u64);
                digest.option(of.quota, |digest, quota| digest.word(quota.into()));
                primary(digest, of.primary(Family::V4));
                primary(digest, of.primary(Family::V6));
                digest.word(of.auto_only.into());
            }
            Self::DeleteInterface(DeleteInterface { interface }) => {
                digest.word(5);
                digest.words(&interface.words());
            }
            Self::SetStatus(SetStatus { interface, status }) => {
                digest.word(6);
                digest.words(&interface.words());
                digest.word(*status as u64);
            }
            Self::SetQuota(SetQuota { interface, quota }) => {
                digest.word(7);
                digest.words(&interface.words());
                digest.option(*quota, |digest, quota| digest.word(quota.into()));
            }
            Self::ReserveRange(ReserveRange { subnet, range, kind }) => {
                digest.word(8);
                digest.words(&subnet.words());
                digest.range(*range);
                digest.word(*kind as u64);
            }
            Self::ReleaseRange(ReleaseRange { subnet, range }) => {
                digest.word(9);
                digest.words(&subnet.words());
                digest.range(*range);
            }
            Self::SetIndices(SetIndices { subnet, indices }) => {
                digest.word(10);
                digest.words(&subnet.words());
                digest.word(indices.bits().into());
            }
            Self::Assign(of) => {
                digest.word(11);
                digest.words(&of.interface.words());
                source(digest, of.vpc, &of.from);
                pick(digest, &of.pick);
                digest.word(of.reassign.into());
                hold(digest, of.hold.as_ref());
            }
            Self::EnsureCount(of) => {
                let EnsureCount { count, exact, .. } = *of;
                digest.word(12);
                digest.words(&of.interface.words());
                place(digest, of.vpc, of.subnet);
                digest.option(of.family, family);
                digest.words(&[count.into(), exact.into()]);
                hold(digest, of.hold.as_ref());
            }
            Self::Unassign(of) => {
                digest.word(13);
                digest.words(&of.interface.words());
                place(digest, of.vpc, None);
                list(digest, &of.addresses);
                prefixes(digest, &of.prefixes);
                digest.option(of.generation, |digest, revision| digest.word(revision.get()));
                digest.word(of.stale as u64);
                rest(digest, of.rest);
            }
            Self::Move(of) => {
                digest.word(14);
                digest.pair(of.from.words(), of.to.words());
                place(digest, of.vpc, None);
                list(digest, &of.addresses);
                prefixes(digest, &of.prefixes);
            }
            Self::ReplacePrimary(of) => {
                digest.word(15);
                digest.words(&of.interface.words());
                place(digest, of.vpc, None);
                family(digest, of.family);
                primary(digest, of.primary);
                digest.words(&[of.old as u64, of.auto_only.into()]);
            }
            Self::Confirm(Confirm { task }) => {
                digest.word(16);
                self::task(digest, *task);
            }
            Self::Cancel(of) => {
                digest.word(17);
                task(digest, of.task);
                rest(digest, of.rest);
            }
            Self::Resolve(of) => {
                digest.word(18);
                task(digest, of.task);
                list(digest, &of.observed);
                prefixes(digest, &of.prefixes);
                rest(digest, of.rest);
            }
            Self::Once(of) => {
                digest.word(19);
                digest.words(&of.token.words());
            }
            Self::SetLimits(SetLimits { limits }) => {
                let Limits { tokens, tasks, runs } = *limits;
                digest.words(&[20, tokens.into(), tasks.into(), runs.into()]);
            }
            Self::Sweep => digest.word(21),
            Self::Reshape(of) => {
                digest.word(29);
                digest.words(&of.subnet.words());
                cidr(digest, of.v4);
                cidr(digest, of.v6);
                digest.option(of.profile.as_ref(), Digest::profile);
                digest.word(of.strict.into());
            }
            Self::SetPolicy(SetPolicy { subnet, policy }) => {
                digest.word(40);
                digest.words(&subnet.words());
                digest.policy(*policy);
            }
            Self::SetCursor(SetCursor { subnet, address }) => {
                digest.word(41);
                digest.words(&subnet.words());
                digest.address(*address);
            }
            Self::Adopt(of) => {
                digest.word(34);
                digest.words(&of.interface.words());
                place(digest, of.vpc, None);
                wanted(digest, &of.addresses);
            }
        }
    }
}

fn family(digest: &mut Digest, family: Family) {
    digest.word(family.bits().into());
}

fn place(digest: &mut Digest, vpc: Option<VpcId>, subnet: Option<SubnetId>) {
    digest.option(vpc, |digest, vpc| digest.words(&vpc.words()));
    digest.option(subnet, |digest, subnet| digest.words(&subnet.words()));
}

/// Of no subnet or one, the same as `place`
fn source(digest: &mut Digest, vpc: Option<VpcId>, source: &Source) {
    let (several, subnets) = match source {
        Source::Home | Source::Subnet(_) => return place(digest, vpc, source.subnet()),
        Source::Each(subnets) => (2, subnets),
        Source::First(subnets) => (3, subnets),
    };
    digest.option(vpc, |digest, vpc| digest.words(&vpc.words()));
    digest.words(&[several, subnets.len() as u64]);
    subnets.iter().for_each(|subnet| digest.words(&subnet.words()));
}

fn pick(digest: &mut Digest, pick: &Pick) {
    wanted(digest, &pick.list);
    digest.option(pick.count, |digest, count| digest.word(count.into()));
    digest.option(pick.family, family);
    digest.option(pick.within, Digest::range);
    digest.word(pick.auto_only.into());
    if !pick.prefixes.is_empty() {
        digest.words(&[PREFIXES, pick.prefixes.len() as u64]);
        for prefix in &pick.prefixes {
            match *prefix {
                WantedPrefix::Named(prefix) => {
                    digest.word(0);
                    digest.net(prefix);
                }
                WantedPrefix::Any { prefix_len, count, family: of } => {
                    digest.words(&[1, prefix_len.into(), count.into()]);
                    digest.option(of, family);
                }
            }
        }
    }
    let Pick { policy, ref preferred, contiguous, .. } = *pick;
    if policy.is_some() || !preferred.is_empty() || contiguous {
        digest.word(CHOICE);
        digest.option(policy, Digest::policy);
        list(digest, preferred);
        digest.word(contiguous.into());
    }
}

/// Says that prefixes follow; without any there is nothing to say, and no flag has this value
const PREFIXES: u64 = 2;
/// Says that how to choose follows, likewise
const CHOICE: u64 = 3;

fn prefixes(digest: &mut Digest, prefixes: &[IpNet]) {
    if !prefixes.is_empty() {
        digest.words(&[PREFIXES, prefixes.len() as u64]);
        prefixes.iter().for_each(|&prefix| digest.net(prefix));
    }
}

fn cidr<N: Into<IpNet>>(digest: &mut Digest, cidr: NewCidr<N>) {
    match cidr {
        NewCidr::Kept => digest.word(0),
        NewCidr::Dropped => digest.word(1),
        NewCidr::Set(cidr) => {
            digest.word(2);
            digest.net(cidr.into());
        }
    }
}

fn wanted(digest: &mut Digest, list: &[Wanted]) {
    digest.word(list.len() as u64);
    for wanted in list {
        digest.address(wanted.address);
        digest.word(wanted.primary.into());
    }
}

fn list(digest: &mut Digest, addresses: &[IpAddr]) {
    digest.word(addresses.len() as u64);
    addresses.iter().for_each(|&address| digest.address(address));
}

fn primary(digest: &mut Digest, primary: Primary<IpAddr>) {
    match primary {
        Primary::Absent => digest.word(0),
        Primary::Chosen => digest.word(1),
        Primary::Named(address) => {
            digest.word(2);
            digest.address(address);
        }
    }
}

/// Whether there is one, and what happens in the end
fn hold(digest: &mut Digest, hold: Option<&Hold>) {
    digest.word(match hold.map(|hold| hold.expiry) {
        None => 0,
        Some(Expiry::Release) => 1,
        Some(Expiry::Unknown) => 2,
    });
}

fn rest(digest: &mut Digest, rest: Rest) {
    digest.option(rest.millis, |digest, millis| digest.word(millis));
}

fn task(digest: &mut Digest, Task { revision, index }: Task) {
    digest.words(&[revision.get(), index.into()]);
}
