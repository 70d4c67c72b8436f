//! Changes as bytes: the tag that the history digest has for each, and its fields in order

use super::fields::{choices, structs};
use crate::event::{
    Assigned, Change, CursorMoved, Drawn, End, Failure, Held, HoldExtended, IndicesSet,
    InterfaceCreated, InterfaceDeleted, LimitsSet, OnExpiry, PolicySet, PrimarySet, Quarantined,
    QuotaSet, RangeReleased, RangeReserved, Released, RestEnded, StatusSet, SubnetCreated,
    SubnetDeleted, SubnetReshaped, TaskFinished, TokenKept, VpcCreated, VpcDeleted,
};

choices! {
    Change {
        0 VpcCreated(of)
        1 VpcDeleted(of)
        2 SubnetCreated(of)
        3 SubnetDeleted(of)
        4 InterfaceCreated(of)
        5 InterfaceDeleted(of)
        6 StatusSet(of)
        7 QuotaSet(of)
        8 RangeReserved(of)
        9 RangeReleased(of)
        10 Assigned(of)
        11 PrimarySet(of)
        12 Released(of)
        13 IndicesSet(of)
        14 Quarantined(of)
        15 RestEnded(of)
        16 Held(of)
        17 TaskFinished(of)
        18 TokenKept(of)
        19 LimitsSet(of)
        20 Swept
        25 PolicySet(of)
        26 CursorMoved(of)
        27 Drawn(of)
        29 SubnetReshaped(of)
        34 HoldExtended(of)
    }
    OnExpiry {
        0 Unknown
        1 Release { rest_millis: number }
    }
    End {
        0 Succeeded
        1 Failed { failure reason kept }
    }
    Failure {
        0 Cancelled
        1 InterfaceDeleted
        2 NotObserved
    }
}

structs! {
    VpcCreated { vpc cidrs }
    VpcDeleted { vpc }
    SubnetCreated { subnet vpc v4 v6 profile }
    SubnetDeleted { subnet }
    InterfaceCreated { interface subnet status quota }
    InterfaceDeleted { interface }
    StatusSet { interface status }
    QuotaSet { interface quota }
    RangeReserved { subnet range kind }
    RangeReleased { subnet range }
    Assigned { interface subnet addresses }
    PrimarySet { interface address }
    Released { interface subnet addresses }
    IndicesSet { subnet indices }
    RestEnded { subnet addresses }
    LimitsSet { limits }
    PolicySet { subnet policy }
    CursorMoved { subnet address }
    Drawn { subnet family draws: number }
    SubnetReshaped { subnet v4 v6 profile }
    Quarantined { interface subnet addresses until reason }
    Held { index interface subnet addresses until expired keep_until request }
    TaskFinished { task end until reason }
    TokenKept { token until request answer task primary }
    HoldExtended { task subnet addresses }
}
