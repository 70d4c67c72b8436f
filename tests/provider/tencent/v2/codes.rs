//! The table of codes, and those of what the other calls may earn

use super::*;

#[test]
fn the_table_of_codes() {
    let of_call = Code::ALL.into_iter().filter(|code| code.source() == Source::Call);
    let documented = [
        "InvalidVpc.NotFound",
        "InvalidNetworkInterface.NotFound",
        "InvalidPrivateIpAddress.InUse",
        "InvalidPrivateip.IsPrimary",
    ];
    assert!(of_call.map(Code::as_str).eq(documented));
    for code in Code::ALL {
        assert!(code.number() != 0);
        assert_eq!(code.number() == 5100, code.number_source() == Source::Ours);
    }
}

#[test]
fn every_sort_of_error_has_its_code() {
    let expected = [
        ("TaskRunning", Code::ActionLocked),
        ("TaskNotFound", Code::ResourceNotFound),
        ("TaskFinished", Code::InternalError),
        ("SameInterface", Code::InvalidParameterValue),
        ("OtherSubnet", Code::UnsupportedOperation),
        ("TokenMismatch", Code::InvalidParameterValue),
        ("DeadlinePassed", Code::InternalError),
        ("OnceWithinOnce", Code::InternalError),
        ("NoPrimary", Code::InternalError),
        ("PrimaryFixed", Code::PrivateIpIsPrimary),
        ("FamilyUnsupported", Code::UnsupportedOperation),
        ("NoRun", Code::ResourceInsufficient),
        ("TooManyTasks", Code::ServiceUnavailable),
        ("TooManyTokens", Code::ServiceUnavailable),
        ("Held", Code::PrivateIpAddressInUse),
        ("Quarantined", Code::PrivateIpAddressInUse),
        ("NotAssigned", Code::ResourceNotFound),
        ("WrongOwner", Code::ResourceNotFound),
        ("Stale", Code::ResourceNotFound),
        ("IsPrimary", Code::PrivateIpIsPrimary),
    ];
    let found = crate::errors::errors()
        .into_iter()
        .map(|(name, error)| (name, Refusal::from(error).code()));
    assert_eq!(found.collect::<Vec<_>>(), expected);
}
