from django.http import JsonResponse
from django.shortcuts import redirect, render

from .forms import EntryForm
from .models import Entry


def index(request):
    """The newest entries, and a form that adds one."""
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("index")
    return render(request, "guestbook/index.html", {"form": form, "entries": Entry.objects.all()[:20]})


def count(request):
    return JsonResponse({"entries": Entry.objects.count()})
