// SIGINT and SIGTERM: no temporary file is left behind, and a run may end its step first.
#pragma once

namespace dfp16 {

/// From here on SIGINT and SIGTERM remove the temporary files, then end the process as they do by default.
void handle_interrupts();

/// While one lives, the first signal only asks to stop; a second one ends the process at once.
class StopRequest {
public:
    StopRequest();
    ~StopRequest();
    StopRequest(const StopRequest&) = delete;
    StopRequest& operator=(const StopRequest&) = delete;

    /// The signal that asked to stop; 0: none.
    int signal() const;
};

}  // namespace dfp16
