# The frame of every page.
layout-product = Grantscope
layout-skip = Skip to the content
layout-where = You are on:
layout-nav = This service
layout-languages = Language
layout-services = The three services
layout-realm = Realm: { $realm }
layout-demo-title = Demo credentials are in use.
layout-demo-text = Everybody knows these names and passwords. Enter nothing real here, and keep this server on your own machine.

# The three services. Suffix: Service::name().
service-client-app = Client app
service-auth-server = Authorization server
service-resource-server = Resource server

# What an alert box begins with. Suffix: Tone::name().
tone-info = Note
tone-success = Done
tone-warn = Take care
tone-error = Problem

layout-aids = Help with these pages
layout-lessons = Lessons
layout-doctor = Doctor
layout-settings = Settings

# The settings. Suffixes: Theme::name(), TextSize::name().
settings-title = Settings
settings-lead = They hold on all three services, in this browser, for a year.
settings-theme = Theme
settings-theme-system = As the system has it
settings-theme-light = Light
settings-theme-dark = Dark
settings-text = Text size
settings-text-normal = Normal
settings-text-large = Large
settings-text-presenting = Presenting, for a projector
settings-language = Language
settings-apply = Apply
settings-proposed = This page shows itself as the link proposes. Nothing has changed yet: press Apply to keep it.
settings-link = Hand these settings on
settings-link-text = This address carries the settings above and nothing else. Whoever opens it sees them first and keeps them with one press.
settings-cross-site = The form came from another site, so nothing was changed. Choose here and press Apply.
layout-language-borrowed = This page is shown in the language of the link that led here. Choose a language to keep it.
layout-language-keep = Keep this language on every page
layout-link-in-language = A link to this page in this language:

# Who asks under a name that is not this service's.
misdirected-title = This service does not answer under that name
misdirected-text = Its address is:

# On pages that say what went wrong.
request-number = Whoever runs this service finds this request in the log under this number:
