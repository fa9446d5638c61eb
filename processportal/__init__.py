"""The street address of the portal: settings, urls, celery, wsgi, embedded services. It holds no rule."""
