//! Reading the body of a request.

use std::{
    error::Error,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use http_body_util::LengthLimitError;

use crate::{
    error::BoxError,
    protocol::{reason::RejectionReason, rejection::Rejection},
};

/// How many frames are read before others, and the deadline, have their turn.
const FRAMES_IN_A_ROW: u64 = 64;

/// What was read of a body so far.
#[derive(Default)]
pub(super) struct ReadBody {
    /// Most bodies are one frame, which is kept as it is.
    first: Bytes,
    whole: BytesMut,
}

impl ReadBody {
    /// Reads to the end, and no more than the limit.
    pub(super) fn poll<B>(
        &mut self,
        mut body: Pin<&mut B>,
        limit: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, Rejection>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        for _ in 1..FRAMES_IN_A_ROW {
            let Some(frame) = ready!(body.as_mut().poll_frame(cx)) else {
                return Poll::Ready(Ok(self.take()));
            };
            match frame {
                Ok(frame) => self.add(frame, limit)?,
                Err(error) => return Poll::Ready(Err(unreadable(error.into()))),
            }
            if body.is_end_stream() {
                return Poll::Ready(Ok(self.take()));
            }
        }
        // A body that always has another empty frame must not outlast the deadline.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn add(&mut self, frame: Frame<Bytes>, limit: usize) -> Result<(), Rejection> {
        // Trailers have no parameters.
        let Ok(data) = frame.into_data() else {
            return Ok(());
        };
        let length = self.first.len() + self.whole.len();
        if data.len() > limit - length {
            return Err(RejectionReason::BodyTooLarge.into());
        }
        if length == 0 {
            self.first = data;
        } else {
            self.whole.extend_from_slice(&mem::take(&mut self.first));
            self.whole.extend_from_slice(&data);
        }
        Ok(())
    }

    fn take(&mut self) -> Bytes {
        if self.whole.is_empty() {
            mem::take(&mut self.first)
        } else {
            mem::take(&mut self.whole).freeze()
        }
    }
}

/// A layer outside may have a limit of its own.
fn unreadable(error: BoxError) -> Rejection {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&*error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return RejectionReason::BodyTooLarge.into();
        }
        cause = error.source();
    }
    Rejection::caused_by(RejectionReason::BodyUnreadable, error)
}
