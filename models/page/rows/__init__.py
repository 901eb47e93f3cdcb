"""Row kinds as offers of titles: orders, subjects, pools."""
