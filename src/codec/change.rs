//! Changes as bytes: the tag that the history digest has for each, and its fields in order

use super::fields::{choices, structs};
use crate::event::{
    Change, End, Failure, Held, HoldExtended, OnExpiry, Quarantined, TaskFinished, TokenKept,
};

choices! {
    Change {
        0 VpcCreated { vpc cidrs }
        1 VpcDeleted { vpc }
        2 SubnetCreated { subnet vpc v4 v6 profile }
        3 SubnetDeleted { subnet }
        4 InterfaceCreated { interface subnet status quota }
        5 InterfaceDeleted { interface }
        6 StatusSet { interface status }
        7 QuotaSet { interface quota }
        8 RangeReserved { subnet range kind }
        9 RangeReleased { subnet range }
        10 Assigned { interface subnet addresses }
        11 PrimarySet { interface address }
        12 Released { interface subnet addresses }
        13 IndicesSet { subnet indices }
        14 Quarantined(of)
        15 RestEnded { subnet addresses }
        16 Held(of)
        17 TaskFinished(of)
        18 TokenKept(of)
        19 LimitsSet { limits }
        20 Swept
        25 PolicySet { subnet policy }
        26 CursorMoved { subnet address }
        27 Drawn { subnet family draws: number }
        29 SubnetReshaped { subnet v4 v6 profile }
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
    Quarantined { interface subnet addresses until reason }
    Held { index interface subnet addresses until expired keep_until request }
    TaskFinished { task end until reason }
    TokenKept { token until request answer task primary }
    HoldExtended { task subnet addresses }
}
