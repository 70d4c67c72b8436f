//! The codes of what the other calls than an assignment may earn

use super::*;

#[test]
fn every_sort_of_error_has_its_code() {
    let expected = [
        ("TaskRunning", Code::MutexOperationTaskRunning),
        ("TaskNotFound", Code::ResourceNotFound),
        ("TaskFinished", Code::InternalError),
        ("SameInterface", Code::InvalidParameterValue),
        ("OtherSubnet", Code::UnsupportedOperation),
        ("TokenMismatch", Code::IdempotentParameterMismatch),
        ("DeadlinePassed", Code::InternalError),
        ("OnceWithinOnce", Code::InternalError),
        ("NoPrimary", Code::InternalError),
        ("PrimaryFixed", Code::PrimaryIp),
        ("FamilyUnsupported", Code::UnsupportedOperation),
        ("NoRun", Code::ResourceInsufficient),
        ("TooManyTasks", Code::ServiceUnavailable),
        ("TooManyTokens", Code::ServiceUnavailable),
        ("Held", Code::ResourceInUse),
        ("Quarantined", Code::ResourceInUse),
        ("NotAssigned", Code::AttachmentNotFound),
        ("WrongOwner", Code::AttachmentNotFound),
        ("Stale", Code::AttachmentNotFound),
        ("IsPrimary", Code::PrimaryIp),
    ];
    let found = crate::errors::errors()
        .into_iter()
        .map(|(name, error)| (name, Refusal::from(error).code()));
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn no_code_stands_twice() {
    let mut names: Vec<_> = Code::ALL.iter().map(ToString::to_string).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
}
