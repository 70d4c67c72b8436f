//! What of a change makes the history digest

use ipnet::IpNet;

use super::{
    Assigned, Change, CursorMoved, Drawn, End, IndicesSet, InterfaceCreated, InterfaceDeleted,
    LimitsSet, OnExpiry, PolicySet, PrimarySet, QuotaSet, RangeReleased, RangeReserved, Released,
    RestEnded, StatusSet, SubnetCreated, SubnetDeleted, SubnetReshaped, VpcCreated, VpcDeleted,
};
use crate::command::Limits;
use crate::digest::Digest;
use crate::id::Task;

impl Change {
    /// Feeds a tag and every field to the history digest
    pub(crate) fn feed(&self, digest: &mut Digest) {
        match self {
            Self::VpcCreated(VpcCreated { vpc, cidrs }) => {
                digest.word(0);
                digest.words(&vpc.words());
                digest.word(cidrs.len() as u64);
                cidrs.iter().for_each(|&cidr| digest.net(cidr));
            }
            Self::VpcDeleted(VpcDeleted { vpc }) => {
                digest.word(1);
                digest.words(&vpc.words());
            }
            Self::SubnetCreated(SubnetCreated { subnet, vpc, v4, v6, profile }) => {
                digest.word(2);
                digest.words(&subnet.words());
                digest.words(&vpc.words());
                digest.option(v4.map(IpNet::V4), Digest::net);
                digest.option(v6.map(IpNet::V6), Digest::net);
                digest.profile(profile);
            }
            Self::SubnetDeleted(SubnetDeleted { subnet }) => {
                digest.word(3);
                digest.words(&subnet.words());
            }
            Self::InterfaceCreated(InterfaceCreated { interface, subnet, status, quota }) => {
                digest.word(4);
                digest.words(&interface.words());
                digest.words(&subnet.words());
                digest.word(*status as u64);
                digest.option(*quota, |digest, quota| digest.word(quota.into()));
            }
            Self::InterfaceDeleted(InterfaceDeleted { interface }) => {
                digest.word(5);
                digest.words(&interface.words());
            }
            Self::StatusSet(StatusSet { interface, status }) => {
                digest.word(6);
                digest.words(&interface.words());
                digest.word(*status as u64);
            }
            Self::QuotaSet(QuotaSet { interface, quota }) => {
                digest.word(7);
                digest.words(&interface.words());
                digest.option(*quota, |digest, quota| digest.word(quota.into()));
            }
            Self::RangeReserved(RangeReserved { subnet, range, kind }) => {
                digest.word(8);
                digest.words(&subnet.words());
                digest.range(*range);
                digest.word(*kind as u64);
            }
            Self::RangeReleased(RangeReleased { subnet, range }) => {
                digest.word(9);
                digest.words(&subnet.words());
                digest.range(*range);
            }
            Self::Assigned(Assigned { interface, subnet, addresses }) => {
                digest.word(10);
                digest.pair(interface.words(), subnet.words());
                digest.list(addresses);
            }
            Self::PrimarySet(PrimarySet { interface, address }) => {
                digest.word(11);
                digest.words(&interface.words());
                digest.address(*address);
            }
            Self::Released(Released { interface, subnet, addresses }) => {
                digest.word(12);
                digest.pair(interface.words(), subnet.words());
                digest.list(addresses);
            }
            Self::IndicesSet(IndicesSet { subnet, indices }) => {
                digest.word(13);
                digest.words(&subnet.words());
                digest.word(indices.bits().into());
            }
            Self::Quarantined(of) => {
                digest.word(14);
                digest.pair(of.interface.words(), of.subnet.words());
                digest.list(&of.addresses);
                digest.word(of.until.millis());
                digest.option(of.reason, |digest, reason| digest.words(&reason.words()));
            }
            Self::RestEnded(RestEnded { subnet, addresses }) => {
                digest.word(15);
                digest.words(&subnet.words());
                digest.list(addresses);
            }
            Self::Held(of) => {
                digest.words(&[16, of.index.into()]);
                digest.pair(of.interface.words(), of.subnet.words());
                digest.list(&of.addresses);
                let (releases, rest_millis) = match of.expired {
                    OnExpiry::Release { rest_millis } => (1, rest_millis),
                    OnExpiry::Unknown => (0, 0),
                };
                let (until, keep_until) = (of.until.millis(), of.keep_until.millis());
                digest.words(&[until, releases, rest_millis, keep_until]);
                digest.option(of.request, |digest, request| digest.words(&request.words()));
            }
            Self::TaskFinished(of) => {
                digest.words(&[17, of.task.revision.get(), of.task.index.into()]);
                match &of.end {
                    End::Succeeded => digest.word(0),
                    End::Failed { failure, reason, kept } => {
                        digest.words(&[1, *failure as u64]);
                        digest.option(*reason, |digest, reason| digest.words(&reason.words()));
                        digest.list(kept);
                    }
                }
                digest.word(of.until.millis());
                digest.option(of.reason, |digest, reason| digest.words(&reason.words()));
            }
            Self::TokenKept(of) => {
                digest.word(18);
                digest.words(&of.token.words());
                digest.words(&[of.until.millis(), of.request]);
                digest.list(&of.answer);
                digest.option(of.task, |digest, Task { revision, index }| {
                    digest.words(&[revision.get(), index.into()]);
                });
                digest.option(of.primary, Digest::address);
            }
            Self::LimitsSet(LimitsSet { limits }) => {
                let Limits { tokens, tasks, runs } = *limits;
                digest.words(&[19, tokens.into(), tasks.into(), runs.into()]);
            }
            Self::Swept => digest.word(20),
            Self::SubnetReshaped(SubnetReshaped { subnet, v4, v6, profile }) => {
                digest.word(29);
                digest.words(&subnet.words());
                digest.option(v4.map(IpNet::V4), Digest::net);
                digest.option(v6.map(IpNet::V6), Digest::net);
                digest.profile(profile);
            }
            Self::PolicySet(PolicySet { subnet, policy }) => {
                digest.word(25);
                digest.words(&subnet.words());
                digest.policy(**policy);
            }
            Self::CursorMoved(CursorMoved { subnet, address }) => {
                digest.word(26);
                digest.words(&subnet.words());
                digest.address(*address);
            }
            Self::Drawn(Drawn { subnet, family, draws }) => {
                digest.word(27);
                digest.words(&subnet.words());
                digest.words(&[family.bits().into(), *draws]);
            }
            Self::HoldExtended(of) => {
                digest.words(&[34, of.task.revision.get(), of.task.index.into()]);
                digest.words(&of.subnet.words());
                digest.list(&of.addresses);
            }
        }
    }
}
