//! Reading the body of a request.

use std::{error::Error, pin::pin};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError};

use crate::{
    error::BoxError,
    protocol::{reason::Reason, rejection::Rejection},
};

/// How many frames are read before others, and the deadline, have their turn.
const FRAMES_IN_A_ROW: u64 = 64;

/// Reads the whole body, and no more of it than the limit.
pub(super) async fn read<B>(body: B, limit: usize) -> Result<Bytes, Rejection>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    for frames in 1_u64.. {
        if frames.is_multiple_of(FRAMES_IN_A_ROW) {
            // A body that always has another empty frame must not outlast the deadline.
            tokio::task::yield_now().await;
        }
        let Some(frame) = body.frame().await else {
            break;
        };
        let frame = frame.map_err(|error| unreadable(error.into()))?;
        // Trailers have no parameters.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = first.len() + whole.len();
        if data.len() > limit - length {
            return Err(Reason::BodyTooLarge.into());
        }
        // Most bodies are one frame: it is taken as it is.
        if length == 0 {
            first = data;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&data);
        }
        if body.is_end_stream() {
            break;
        }
    }
    Ok(if whole.is_empty() {
        first
    } else {
        whole.freeze()
    })
}

/// A layer outside may have a limit of its own.
fn unreadable(error: BoxError) -> Rejection {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&*error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return Reason::BodyTooLarge.into();
        }
        cause = error.source();
    }
    Rejection::caused_by(Reason::BodyUnreadable, error)
}
