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
    /// Most bodies are one frame, which is kept as it is. At the end, this is the whole body.
    first: Bytes,
    /// The bytes of all frames, if there is more than one.
    joined: BytesMut,
}

impl ReadBody {
    /// Reads to the end, and no more than the limit. The body stays here.
    pub(super) fn poll<B>(
        &mut self,
        mut body: Pin<&mut B>,
        limit: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Rejection>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        for _ in 1..FRAMES_IN_A_ROW {
            let Some(frame) = ready!(body.as_mut().poll_frame(cx)) else {
                return self.end();
            };
            match frame {
                Ok(frame) => self.add(frame, limit)?,
                Err(error) => return Poll::Ready(Err(unreadable(error.into()))),
            }
            if body.is_end_stream() {
                return self.end();
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
        let length = self.first.len() + self.joined.len();
        if data.len() > limit - length {
            return Err(RejectionReason::BodyTooLarge.into());
        }
        if length == 0 {
            self.first = data;
        } else {
            self.joined.extend_from_slice(&mem::take(&mut self.first));
            self.joined.extend_from_slice(&data);
        }
        Ok(())
    }

    fn end(&mut self) -> Poll<Result<(), Rejection>> {
        if !self.joined.is_empty() {
            self.first = mem::take(&mut self.joined).freeze();
        }
        Poll::Ready(Ok(()))
    }

    /// The whole body, once it was read.
    pub(super) const fn whole(&self) -> &Bytes {
        &self.first
    }

    pub(super) fn take_whole(&mut self) -> Bytes {
        mem::take(&mut self.first)
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
