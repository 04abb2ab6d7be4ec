"""What an objection needs: a class and days, never a name and never a reason."""

from wtforms import StringField

from app.agreements.consents.service import LONGEST_CLASS
from app.agreements.day_field import DayField
from app.web.forms import AtMost, BackrowForm, Needed, Trimmed


class ObjectionForm(BackrowForm):
    """A class and its days."""

    class_code = StringField(
        "Class",
        description="As your school writes it, like 8F2. Don't type a pupil's name.",
        filters=[Trimmed()],
        validators=[Needed("Type the class, like 8F2."), AtMost(LONGEST_CLASS)],
    )
    from_on = DayField("From", description="The first day that it is about.")
    until_on = DayField("Until", needed=False, description="Leave it empty if it is for as long as they are here.")
