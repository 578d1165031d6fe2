# The realm's clock, the lifetimes on it, and predicting what comes next.

# --- the clock
clock-title = Time in this realm
clock-with-the-wall = the same as the wall clock
clock-ahead = { $span } ahead of the wall clock
clock-behind = { $span } behind the wall clock
clock-paused = stands still
clock-held = stands still while something waits at a breakpoint
clock-minute = + 1 minute
clock-hour = + 1 hour
clock-pause = Pause
clock-resume = Run on
clock-ages = What grows older with it?
clock-ages-yes = Everything that expires at the servers: codes, access tokens, refresh tokens, ID tokens, a request that waits for sign-in (30 minutes), and your own sign-in at the authorization server (30 minutes without use, 8 hours in all). After + 1 hour you will be asked to sign in again, as after a real hour.
clock-ages-no = What stays as it is: the record of flows, your runs at the client app, and the forms of these pages. They count real time. The clock never runs backwards; it starts anew with the program.
clock-refused = The clock was not moved
clock-too-far = The clock of a realm can be at most ten years ahead.
clock-unclear = The form did not say what to do with the clock.
clock-back = Back to the page
