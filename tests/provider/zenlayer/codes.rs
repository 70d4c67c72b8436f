//! The codes of what the other calls than a batch may earn

use super::*;
use crate::errors::errors;
use ipam_core::provider::Source;

#[test]
fn codes_that_the_other_calls_add() {
    let documented = [
        ("INVALID_NIC_PRIMARY_IP_CANT_DETACH", 409),
        ("INVALID_NIC_IPV6_EXISTS", 400),
        ("INVALID_SUBNET_IPSTACK_NOT_SUPPORT", 400),
        ("INVALID_NIC_HAS_PUBLIC_IP_CANT_DETACH", 409),
        ("INVALID_NIC_LB_ASSOCIATED", 409),
    ];
    let of_calls = Code::ALL.into_iter().filter(|code| code.source() == Source::Call).skip(10);
    assert!(of_calls.map(|code| (code.as_str(), code.http_status())).eq(documented));
}

#[test]
fn every_sort_of_error_has_its_code() {
    let expected = [
        ("TaskRunning", Code::NicStatus),
        ("TaskNotFound", Code::ResourceNotFound),
        ("TaskFinished", Code::InternalServerError),
        ("SameInterface", Code::InternalServerError),
        ("OtherSubnet", Code::InternalServerError),
        ("TokenMismatch", Code::InternalServerError),
        ("DeadlinePassed", Code::InternalServerError),
        ("OnceWithinOnce", Code::InternalServerError),
        ("NoPrimary", Code::InternalServerError),
        ("PrimaryFixed", Code::NicPrimaryIpCantDetach),
        ("FamilyUnsupported", Code::SubnetIpstackNotSupport),
        ("NoRun", Code::SubnetIpInsufficient),
        ("TooManyTasks", Code::ServiceTemporaryUnavailable),
        ("TooManyTokens", Code::ServiceTemporaryUnavailable),
        ("Held", Code::PrivateIpv4InUsed),
        ("Quarantined", Code::PrivateIpv4InUsed),
        ("NotAssigned", Code::ResourceNotFound),
        ("WrongOwner", Code::ResourceNotFound),
        ("Stale", Code::ResourceNotFound),
        ("IsPrimary", Code::NicPrimaryIpCantDetach),
    ];
    let found = errors().into_iter().map(|(name, error)| (name, Refusal::from(error).code()));
    assert_eq!(found.collect::<Vec<_>>(), expected);
}
